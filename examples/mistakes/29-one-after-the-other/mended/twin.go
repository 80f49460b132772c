// Package twin looks up what a flight and a hotel cost, at the same time.
package twin

import "context"

// start looks something up on a goroutine of its own.
func start(ctx context.Context, lookUp func(context.Context) int) <-chan int {
	price := make(chan int, 1)
	go func() { price <- lookUp(ctx) }()
	return price
}

// Total starts both, and then waits for both.
func Total(ctx context.Context, flight, hotel func(context.Context) int) int {
	f, h := start(ctx, flight), start(ctx, hotel)
	return add(<-f, <-h)
}

func add(a, b int) int { return a + b }
