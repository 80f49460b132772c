package exercise

import (
	"context"
	"sync"
	"sync/atomic"
)

// It returns as soon as something fails.
func Map(ctx context.Context, workers int, in []int, f func(context.Context, int) (int, error)) ([]int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := make([]int, len(in))
	var next atomic.Int64
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(in) {
					return
				}
				var err error
				if out[i], err = f(ctx, in[i]); err != nil {
					cancel(err)
				}
			}
		})
	}
	finished := make(chan struct{})
	go func() {
		running.Wait()
		close(finished)
	}()
	select {
	case <-finished:
		return out, context.Cause(ctx)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
