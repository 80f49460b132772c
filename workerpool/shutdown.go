package workerpool

import (
	"context"
	"errors"
	"fmt"

	"github.com/braidgo/braid/internal/argument"
)

var (
	// ErrFull is returned where a task would have to wait and may not.
	ErrFull = errors.New("workerpool: no room for the task")
	// ErrClosed is returned for a task that came after Shutdown or Close, and it
	// is the cause of the context of a task that Close has cancelled.
	ErrClosed = errors.New("workerpool: the pool is closed")
	// ErrDropped is the error of a task that was accepted and then dropped by
	// Close, or by Shutdown at its deadline, before it began.
	ErrDropped = errors.New("workerpool: the task was dropped before it began")
)

// ShutdownError says what Shutdown left undone at its deadline.
type ShutdownError struct {
	Dropped int   // accepted tasks that will never run
	Running int   // tasks that were cancelled and had not yet returned; of a Stateful, workers that had not yet ended
	Cause   error // what ended Shutdown's context
}

// Error names the cause and both counts.
func (e *ShutdownError) Error() string {
	return fmt.Sprintf("workerpool: shutdown: %v: %d dropped, %d still running", e.Cause, e.Dropped, e.Running)
}

// Unwrap returns the cause.
func (e *ShutdownError) Unwrap() error { return e.Cause }

// Shutdown closes the pool gracefully: it refuses new tasks, and those that wait
// for room, with [ErrClosed], and waits until all accepted ones have ended. If
// ctx is done first, or was before, it drops the tasks in the queue, cancels
// those that run, and returns a *[ShutdownError] without waiting for them, which
// Close does. It may be called more than once, and from several goroutines.
//
// Contract: that of Pool.
func (p *Pool) Shutdown(ctx context.Context) error {
	argument.Context("workerpool.Pool.Shutdown", ctx)
	p.refuse()
	if ctx.Err() == nil {
		select {
		case <-p.done:
			return p.states.closeErrors()
		case <-ctx.Done():
		}
	}
	dropped, running := p.abandon()
	if dropped == 0 && running == 0 {
		<-p.done // no task and no callback is left, and idle workers need but a moment to leave
		return p.states.closeErrors()
	}
	return &ShutdownError{Dropped: dropped, Running: running, Cause: context.Cause(ctx)}
}

// Close closes the pool at once: it cancels the context of every task that runs,
// drops those in the queue, and waits until all workers have ended. A task that
// ignores its context keeps it waiting. It may be called more than once, also
// after Shutdown, and returns nil, except for the errors of a Stateful's close.
//
// A task that calls Close of its own pool waits for itself, for ever.
//
// Contract: that of Pool.
func (p *Pool) Close() error {
	p.refuse()
	p.abandon()
	<-p.done
	return p.states.closeErrors()
}

// refuse closes the pool to new tasks. The bar freezes the queue: what was
// pushed before will be run or dropped, and nothing comes after.
func (p *Pool) refuse() {
	p.mu.Lock()
	defer p.unlock()
	if p.closed {
		return
	}
	p.closed = true
	p.queue.bar()
	for w := p.waiters.first; w != nil; w = p.waiters.first {
		p.answer(w, ErrClosed)
	}
	p.dismiss(len(p.idle))
	p.balance() // a task may have been pushed whose submitter has not woken anybody yet
	p.finishIfDone()
}

// dismiss sends n idle workers away, those first that have been idle longest.
// The caller holds mu.
func (p *Pool) dismiss(n int) {
	for _, w := range p.idle[:n] {
		close(w.inbox)
	}
	p.idle = append(p.idle[:0:0], p.idle[n:]...)
	p.leaving += n
}

// abandon drops what waits and cancels what runs, and returns how much of both
// there was. What a submitter is pushing at this moment a worker will drop.
func (p *Pool) abandon() (dropped, running int) {
	p.mu.Lock()
	p.dropping.Store(true)
	var waiting []task
	for {
		t, ok := p.take()
		if !ok {
			break
		}
		waiting = append(waiting, t)
	}
	var current []*taskContext
	for _, workers := range []map[*worker]struct{}{p.workers, p.lent} {
		for w := range workers {
			if own := w.current.Load(); own != nil {
				current = append(current, own)
			}
		}
	}
	p.holds++ // the pool is not done before those who wait for these tasks know
	p.unlock()

	p.cancel(ErrClosed)
	for _, own := range current { // without the lock: a submitter's context may be of any type
		own.End(ErrClosed)
	}

	for _, t := range waiting {
		if !t.claim() {
			p.skipped.Add(1)
			continue
		}
		p.past.dropped.Add(1)
		t.settle(ErrDropped, false)
		dropped++
	}
	p.mu.Lock()
	p.holds--
	p.finishIfDone()
	running = len(p.workers)
	p.unlock()
	if p.openState == nil {
		running = p.Stats().Running
	}
	return dropped, running
}

// finishIfDone ends the pool when it is closed and nothing is left of it. The
// caller holds mu.
func (p *Pool) finishIfDone() {
	if !p.closed || len(p.workers)+len(p.lent)+p.holds > 0 || !p.queue.empty() || len(p.states.promised) > 0 {
		return
	}
	select {
	case <-p.done:
	default:
		p.cancel(ErrClosed)
		close(p.done)
	}
}
