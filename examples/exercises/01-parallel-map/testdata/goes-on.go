package exercise

import (
	"context"
	"sync"
)

// It reports the first error, after all has been done.
func Map(ctx context.Context, workers int, in []int, f func(context.Context, int) (int, error)) ([]int, error) {
	out := make([]int, len(in))
	var first error
	var once sync.Once
	var running sync.WaitGroup
	slots := make(chan struct{}, workers)
	for i, n := range in {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			var err error
			if out[i], err = f(ctx, n); err != nil {
				once.Do(func() { first = err })
			}
		})
	}
	running.Wait()
	return out, first
}
