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
	finished := make(chan struct{})
	go func() {
		running.Wait()
		close(finished)
	}()
	select {
	case <-finished:
	case <-ctx.Done():
	}
	return context.Cause(ctx)
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
			task(ctx)
		}
	}
}
