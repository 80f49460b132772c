package fanout

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Plain has no more than the standard library. A channel with room for limit is the bound, and the
// cause of the context is the first failure.
//
// Concepts: context, its cause, defer, recover, goroutine, channel, WaitGroup
func Plain(ctx context.Context, limit int, timeout time.Duration, items []int, f Func) ([]int, error) {
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	results := make([]int, len(items))
	room := make(chan struct{}, limit)
	var running sync.WaitGroup
	for i, item := range items {
		room <- struct{}{} // when ctx ends, so do the calls that are in there
		if ctx.Err() != nil {
			break
		}
		running.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					fail(fmt.Errorf("panic: %v", v))
				}
				<-room
			}()
			var err error
			if results[i], err = f(ctx, item); err != nil {
				fail(err)
			}
		})
	}
	running.Wait()
	return results, context.Cause(ctx)
}
