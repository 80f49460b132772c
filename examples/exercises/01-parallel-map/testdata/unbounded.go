package exercise

import (
	"context"
	"sync"
)

func Map(ctx context.Context, workers int, in []int, f func(context.Context, int) (int, error)) ([]int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := make([]int, len(in))
	var running sync.WaitGroup
	for i, n := range in {
		running.Go(func() {
			var err error
			if out[i], err = f(ctx, n); err != nil {
				cancel(err)
			}
		})
	}
	running.Wait()
	return out, context.Cause(ctx)
}
