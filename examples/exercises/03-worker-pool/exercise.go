// Package exercise is a worker pool that obeys a context.
//
// Write Run. It takes tasks from a channel and runs them, at most so many at once as there are workers, and it
// hands each of them the context. When the channel is closed and all tasks have ended, it returns nil.
//
// When ctx is cancelled, the pool starts no task any more, even if many wait in the channel. It waits for those that
// run, and returns context.Cause(ctx). It must see that also while the channel is silent.
package exercise

import "context"

// Run runs the tasks.
func Run(ctx context.Context, workers int, tasks <-chan func(context.Context)) error {
	panic("not written yet")
}
