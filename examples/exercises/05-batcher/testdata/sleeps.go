package exercise

import (
	"context"
	"time"
)

// It looks each age what has come.
func Batch(ctx context.Context, in <-chan int, size int, age time.Duration) <-chan []int {
	out := make(chan []int)
	go func() {
		defer close(out)
		for ctx.Err() == nil {
			time.Sleep(age)
			var batch []int
			for more := true; more && len(batch) < size; {
				select {
				case n, open := <-in:
					if !open {
						if len(batch) > 0 {
							out <- batch
						}
						return
					}
					batch = append(batch, n)
				default:
					more = false
				}
			}
			if len(batch) > 0 {
				select {
				case out <- batch:
				case <-ctx.Done():
				}
			}
		}
	}()
	return out
}
