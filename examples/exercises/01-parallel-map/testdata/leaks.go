package exercise

import (
	"context"
	"sync"
	"sync/atomic"
)

// Map calls f for each element of in.
func Map(ctx context.Context, workers int, in []int, f func(context.Context, int) (int, error)) ([]int, error) {
	// The first call of cancel sets the cause for good, and stops all others.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	errs := make(chan error)
	go func() {
		for err := range errs {
			cancel(err)
		}
	}()

	out := make([]int, len(in))
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(workers, len(in)) {
		running.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1 // whoever adds one has claimed an element
				if i >= len(in) {
					return
				}
				var err error
				if out[i], err = f(ctx, in[i]); err != nil {
					errs <- err
				}
			}
		})
	}
	running.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return out, nil
}
