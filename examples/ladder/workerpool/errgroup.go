package workerpool

import (
	"context"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// Errgroup has golang.org/x/sync do what byhand.go does: the group keeps the first error,
// cancels, and waits; the semaphore holds the slots.
//
// Why not the group's own SetLimit? It bounds one call, not the pool; its Go waits for room
// whether or not the context is dead; and it starts the task that waited even when the
// one before has just failed. Acquire does none of this.
//
// What it cannot survive: a panic ends the program. After runtime.Goexit, Wait says that all
// went well. Tasks on their own pool deadlock, and it cannot be closed, as by hand.
type Errgroup struct{ slots *semaphore.Weighted }

func NewErrgroup(workers int) Pool {
	return Errgroup{semaphore.NewWeighted(int64(workers))}
}

func (p Errgroup) Run(ctx context.Context, tasks []Task) error {
	group, groupCtx := errgroup.WithContext(ctx) // groupCtx dies with the first error
	for _, task := range tasks {
		// The only error of Acquire is a dead context: nothing more is to be started.
		if p.slots.Acquire(groupCtx, 1) != nil {
			break
		}
		group.Go(func() error {
			defer p.slots.Release(1)
			return task(groupCtx)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx) // no task failed, yet some may never have started
}

// Close has no goroutine to end; it stops nobody who is in Run.
func (Errgroup) Close() {}
