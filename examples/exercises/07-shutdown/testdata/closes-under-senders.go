package exercise

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

var ErrClosed = errors.New("closed")

// Queue closes the channel of jobs, and whoever sends on it at that time panics.
type Queue struct {
	jobs   chan int
	closed atomic.Bool
	ended  chan struct{}
}

func Start(workers, room int, do func(job int)) *Queue {
	q := &Queue{jobs: make(chan int, room), ended: make(chan struct{})}
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for job := range q.jobs {
				do(job)
			}
		})
	}
	go func() {
		running.Wait()
		close(q.ended)
	}()
	return q
}

func (q *Queue) Submit(job int) error {
	if q.closed.Load() {
		return ErrClosed
	}
	q.jobs <- job
	return nil
}

func (q *Queue) Shutdown(ctx context.Context) error {
	if !q.closed.Swap(true) {
		close(q.jobs)
	}
	select {
	case <-q.ended:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
