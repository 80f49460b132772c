package exercise

import (
	"context"
	"time"
)

// It hopes that a minute is enough.
func Map(ctx context.Context, workers int, in []int, f func(context.Context, int) (int, error)) ([]int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := make([]int, len(in))
	slots := make(chan struct{}, workers)
	for i, n := range in {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		go func() {
			defer func() { <-slots }()
			var err error
			if out[i], err = f(ctx, n); err != nil {
				cancel(err)
			}
		}()
	}
	time.Sleep(time.Minute)
	return out, context.Cause(ctx)
}
