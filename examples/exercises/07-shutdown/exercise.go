// Package exercise is a queue whose shutdown loses no accepted job.
//
// Write Start, Submit and Shutdown. Start starts the workers. Submit accepts a job and returns nil, and if no worker is
// free the job waits in the queue; if as many wait as there is room for, Submit waits. From the moment on that Shutdown is
// called, Submit returns ErrClosed, also where it waits already.
//
// Every job for which Submit has returned nil is done, and no other. Shutdown waits for them, and for the workers to end.
// If its ctx is cancelled first, it returns context.Cause(ctx) at once, but the work goes on, and one may call Shutdown
// again to wait for the rest.
package exercise

import (
	"context"
	"errors"
)

// ErrClosed is what Submit returns after Shutdown.
var ErrClosed = errors.New("closed")

// A Queue has workers, and jobs that wait for them.
type Queue struct{}

// Start starts so many workers that call do for each job, and has room, at least one, for jobs that wait.
func Start(workers, room int, do func(job int)) *Queue {
	panic("not written yet")
}

// Submit accepts a job.
func (q *Queue) Submit(job int) error {
	panic("not written yet")
}

// Shutdown accepts no more, and waits for what was accepted.
func (q *Queue) Shutdown(ctx context.Context) error {
	panic("not written yet")
}
