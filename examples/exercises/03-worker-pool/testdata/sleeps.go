package exercise

import (
	"context"
	"time"
)

// Run runs the tasks.
func Run(ctx context.Context, workers int, tasks <-chan func(context.Context)) error {
	for range workers {
		go work(ctx, tasks)
	}
	time.Sleep(time.Minute)   // the tasks must have ended by then
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
			task(ctx)
		}
	}
}
