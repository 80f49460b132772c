package exercise

import (
	"context"
	"errors"
	"sync"
)

var ErrClosed = errors.New("closed")

// Queue does each job before Submit returns.
type Queue struct {
	do     func(job int)
	turn   chan struct{}
	mu     sync.Mutex
	closed bool
}

func Start(workers, room int, do func(job int)) *Queue {
	return &Queue{do: do, turn: make(chan struct{}, 1)}
}

func (q *Queue) Submit(job int) error {
	q.turn <- struct{}{}
	defer func() { <-q.turn }()
	q.mu.Lock()
	closed := q.closed
	q.mu.Unlock()
	if closed {
		return ErrClosed
	}
	q.do(job)
	return nil
}

func (q *Queue) Shutdown(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	select {
	case q.turn <- struct{}{}:
		<-q.turn
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
