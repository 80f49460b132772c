// Package exercise is a pipeline of two stages, whose consumer leaves before the end.
package exercise

import "context"

// Count sends 1, 2, 3 and so on, until ctx is done.
func Count(ctx context.Context) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := 1; ; i++ {
			select {
			case out <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// Square sends the squares of what it receives, until in is closed or ctx is done.
func Square(ctx context.Context, in <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for {
			var n int
			var open bool
			select {
			case n, open = <-in:
			case <-ctx.Done(): // in may be silent for ever
				return
			}
			if !open {
				return
			}
			select {
			case out <- n * n:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
