package workerpool

import "context"

// A Task is one piece of work. It obeys its context: when that is dead, nobody waits for
// what the task would have found out.
type Task func(ctx context.Context) error

// A Pool runs tasks, at most so many at once, however many callers bring them.
type Pool interface {
	// Run runs the tasks and waits for them. It returns the first error. After an error,
	// or once ctx is dead, the tasks that run are cancelled and no other is started; what
	// ended the work is returned. When Run returns, none of its tasks is running.
	Run(ctx context.Context, tasks []Task) error

	// Close ends the pool. It waits for the tasks that run, and none starts afterwards.
	// It may be called twice, and while somebody else is in Run.
	Close()
}
