package exercise

import (
	"context"
	"sync"
	"sync/atomic"
)

func Map(ctx context.Context, workers int, in []int, f func(context.Context, int) (int, error)) ([]int, error) {
	out := make([]int, len(in))
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(in) {
					return
				}
				var err error
				if out[i], err = f(context.Background(), in[i]); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	running.Wait()
	if err := failed.Load(); err != nil {
		return nil, *err
	}
	return out, nil
}
