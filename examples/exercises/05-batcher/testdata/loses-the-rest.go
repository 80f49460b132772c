package exercise

import (
	"context"
	"time"
)

// Batch sends what it receives, in batches.
func Batch(ctx context.Context, in <-chan int, size int, age time.Duration) <-chan []int {
	out := make(chan []int)
	go func() {
		defer close(out)
		for {
			batch, more := gather(ctx, in, size, age)
			if ctx.Err() != nil {
				return
			}
			if len(batch) > 0 {
				select {
				case out <- batch:
				case <-ctx.Done():
					return
				}
			}
			if !more {
				return
			}
		}
	}()
	return out
}

// gather returns the next batch, and whether there may be another one.
func gather(ctx context.Context, in <-chan int, size int, age time.Duration) (batch []int, more bool) {
	var old <-chan time.Time // nil, which is never ready, until there is a first value
	for len(batch) < size {
		select {
		case n, open := <-in:
			if !open {
				return nil, false
			}
			if batch == nil {
				old = time.After(age)
			}
			batch = append(batch, n)
		case <-old:
			return batch, true
		case <-ctx.Done():
			return nil, false
		}
	}
	return batch, true
}
