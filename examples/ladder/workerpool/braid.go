package workerpool

import (
	"context"

	"github.com/braidgo/braid/workerpool"
)

// Braid leaves the work to braid's workerpool. A pool is a set of goroutines that
// wait for tasks; a group is one caller's batch on it, with a first error and a context
// of its own.
type Braid struct{ pool *workerpool.Pool }

func NewBraid(workers int) Pool { return Braid{workerpool.New(workers)} }

// Run makes the group from ctx, and that is all it takes for a task to use its own pool: a
// task that passes on the context it was given is known as one that waits, and its slot is
// lent to what it waits for.
func (p Braid) Run(ctx context.Context, tasks []Task) error {
	group := p.pool.Group(ctx)
	for _, task := range tasks {
		group.Go(task) // waits for room; after a failure it does nothing
	}
	return group.Wait() // a panic or a runtime.Goexit of a task is its error, too
}

// Close cancels what runs and waits for it. Whoever is in Run gets an error.
func (p Braid) Close() { p.pool.Close() }
