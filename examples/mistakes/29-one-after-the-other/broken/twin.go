// Package twin looks up what a flight and a hotel cost, at the same time.
package twin

import "context"

// start looks something up on a goroutine of its own.
func start(ctx context.Context, lookUp func(context.Context) int) <-chan int {
	price := make(chan int, 1)
	go func() { price <- lookUp(ctx) }()
	return price
}

// Total reads as if both were looked up at the same time. But the arrow waits for the flight,
// and only then the hotel's goroutine is started.
func Total(ctx context.Context, flight, hotel func(context.Context) int) int {
	return add(<-start(ctx, flight), <-start(ctx, hotel))
}

func add(a, b int) int { return a + b }
