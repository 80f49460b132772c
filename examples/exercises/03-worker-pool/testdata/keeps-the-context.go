package exercise

import (
	"context"
	"sync"
)

// Run runs the tasks.
func Run(ctx context.Context, workers int, tasks <-chan func(context.Context)) error {
	var running sync.WaitGroup
	for range workers {
		running.Go(func() { work(ctx, tasks) })
	}
	running.Wait()
	return context.Cause(ctx) // nil, unless ctx is dead
}

// work is one worker.
func work(ctx context.Context, tasks <-chan func(context.Context)) {
	for {
		select {
		case <-ctx.Done():
			return
		case task, open := <-tasks:
			// If both cases are ready, select tosses a coin. So the context is looked at once more.
			if !open || ctx.Err() != nil {
				return
			}
			task(context.Background())
		}
	}
}
