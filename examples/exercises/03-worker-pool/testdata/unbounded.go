package exercise

import (
	"context"
	"sync"
)

func Run(ctx context.Context, workers int, tasks <-chan func(context.Context)) error {
	var running sync.WaitGroup
	defer running.Wait()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case task, open := <-tasks:
			if !open || ctx.Err() != nil {
				return context.Cause(ctx)
			}
			running.Go(func() { task(ctx) })
		}
	}
}
