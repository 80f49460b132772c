// Package exercise is a queue whose shutdown loses no accepted job.
package exercise

import (
	"context"
	"errors"
	"sync"
)

// ErrClosed is what Submit returns after Shutdown.
var ErrClosed = errors.New("closed")

// A Queue has workers, and jobs that wait for them.
type Queue struct {
	do    func(job int)
	room  int
	ended chan struct{} // closed when all workers have ended

	mu      sync.Mutex
	changed *sync.Cond // told of each change of the two below
	waiting []int
	closed  bool
}

// Start starts so many workers that call do for each job, and has room, at least one, for jobs that wait.
func Start(workers, room int, do func(job int)) *Queue {
	q := &Queue{do: do, room: room, ended: make(chan struct{})}
	q.changed = sync.NewCond(&q.mu)
	var running sync.WaitGroup
	for range workers {
		running.Go(q.work)
	}
	go func() {
		running.Wait()
		close(q.ended)
	}()
	return q
}

// Submit accepts a job.
func (q *Queue) Submit(job int) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == q.room && !q.closed {
		q.changed.Wait()
	}
	if q.closed {
		return ErrClosed
	}
	q.waiting = append(q.waiting, job)
	q.changed.Broadcast()
	return nil
}

// Shutdown accepts no more, and waits for what was accepted.
func (q *Queue) Shutdown(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	q.changed.Broadcast()
	q.mu.Unlock()
	select {
	case <-q.ended:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// work is one worker. It ends when the queue is closed and empty.
func (q *Queue) work() {
	for {
		job, ok := q.take()
		if !ok {
			return
		}
		q.do(job)
	}
}

func (q *Queue) take() (job int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.changed.Wait()
	}
	if len(q.waiting) == 0 {
		return 0, false
	}
	job, q.waiting = q.waiting[0], q.waiting[1:]
	q.changed.Broadcast()
	return job, true
}
