package exercise

import (
	"context"
	"time"
)

// Its ticker does not know when the first value came.
func Batch(ctx context.Context, in <-chan int, size int, age time.Duration) <-chan []int {
	out := make(chan []int)
	go func() {
		defer close(out)
		var batch []int
		ticker := time.NewTicker(age)
		defer ticker.Stop()
		for {
			select {
			case n, open := <-in:
				if !open {
					if len(batch) > 0 {
						out <- batch
					}
					return
				}
				batch = append(batch, n)
				if len(batch) < size {
					continue
				}
			case <-ticker.C:
				if len(batch) == 0 {
					continue
				}
			case <-ctx.Done():
				return
			}
			select {
			case out <- batch:
			case <-ctx.Done():
				return
			}
			batch = nil
		}
	}()
	return out
}
