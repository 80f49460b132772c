package exercise

import (
	"context"
	"sync"
)

// It waits for ctx in a goroutine, and ctx may outlive the pool.
func Run(ctx context.Context, workers int, tasks <-chan func(context.Context)) error {
	stop := make(chan struct{})
	go func() {
		<-ctx.Done()
		close(stop)
	}()
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for {
				select {
				case <-stop:
					return
				case task, open := <-tasks:
					if !open || ctx.Err() != nil {
						return
					}
					task(ctx)
				}
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}
