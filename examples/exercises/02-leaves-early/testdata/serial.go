package exercise

import "context"

// It does everything first, and there is no end to everything.
func Count(ctx context.Context) <-chan int {
	out := make(chan int, 3)
	for i := 1; ; i++ {
		select {
		case out <- i:
		default:
		}
	}
}

func Square(ctx context.Context, in <-chan int) <-chan int {
	out := make(chan int, 100)
	for n := range in {
		out <- n * n
	}
	close(out)
	return out
}
