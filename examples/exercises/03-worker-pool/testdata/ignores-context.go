package exercise

import (
	"context"
	"sync"
)

// It hands the context on, and does not look at it itself while it waits.
func Run(ctx context.Context, workers int, tasks <-chan func(context.Context)) error {
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for task := range tasks {
				if ctx.Err() != nil {
					return
				}
				task(ctx)
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}
