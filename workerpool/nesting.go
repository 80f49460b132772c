package workerpool

import (
	"context"
	"sync"
	"sync/atomic"
)

// slot is a running task's right to be one of the pool's running tasks. A task
// that waits for another of its own pool does not use that right meanwhile, and
// if every worker's task waited so, nothing would ever run again. So it lends
// the slot to the task it waits for:
//
//	worker  ──run outer──┐ waits                 ┌── outer goes on ──
//	slot       outer     │ inner                 │    outer
//	fresh goroutine      └────── run inner ──────┘
//
// It is lent to one task at a time, and that one may lend its own slot in turn.
type slot struct {
	lent atomic.Bool // it was asked for since it was opened

	mu     sync.Mutex
	token  chan struct{} // full while the slot is lent; made when first asked for
	closed atomic.Bool
}

// loan returns the channel to send to in order to borrow the slot, nil (so that
// a send waits for ever) if there is none or its task has ended.
func (s *slot) loan() chan<- struct{} {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return nil
	}
	if s.token == nil {
		s.token = make(chan struct{}, 1)
		s.lent.Store(true)
	}
	return s.token
}

// giveBack ends a loan.
func (s *slot) giveBack() { <-s.token }

// close waits until the slot is not lent and keeps it from being lent again.
func (s *slot) close() {
	s.mu.Lock()
	s.closed.Store(true)
	token := s.token
	s.mu.Unlock()
	if token != nil {
		token <- struct{}{}
	}
}

// reopen is for a worker's own slot, which outlives the tasks.
func (s *slot) reopen() {
	s.mu.Lock()
	s.token = nil
	s.lent.Store(false)
	s.closed.Store(false)
	s.mu.Unlock()
}

// enclosing returns the slot of the innermost running task of p that ctx derives
// from, or nil.
func (p *Pool) enclosing(ctx context.Context) *slot {
	if ctx == nil {
		return nil
	}
	s, _ := ctx.Value(insideKey{p}).(*slot)
	return s
}

// runLent runs t on a fresh goroutine in the slot that the caller has borrowed,
// and gives it back. A claimed task is one that a worker will come to and skip.
// The channel is closed when the goroutine is about to end; Close waits for it.
func (p *Pool) runLent(t task, s *slot, claimed bool) <-chan struct{} {
	standIn := &worker{pool: p}
	p.mu.Lock()
	p.lent[standIn] = struct{}{}
	if claimed {
		p.helped.Add(1)
	} else {
		p.direct++
		p.begun++
	}
	p.unlock()
	ended := make(chan struct{})
	go func() {
		defer func() {
			if standIn.crashes {
				return
			}
			s.giveBack()
			p.mu.Lock()
			delete(p.lent, standIn)
			p.past.add(&standIn.tally)
			p.finishIfDone()
			p.unlock()
			close(ended)
		}()
		standIn.perform(t)
	}()
	return ended
}

// await blocks until done is closed, which settle does, or ctx ends. If t, which
// is what closes it, has not begun, then a caller inside a task lends it the
// slot, and a submitter's context that has ended need not wait for a worker.
func (p *Pool) await(ctx context.Context, t task, done <-chan struct{}) error {
	slot := p.enclosing(ctx)
	loan, abandoned := slot.loan(), doneOf(t.context())
	for {
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			select {
			case <-done: // a result that is there is handed over all the same
				return nil
			default:
				return context.Cause(ctx)
			}
		case <-abandoned:
			abandoned = nil
			if t.claim() {
				p.cancelQueued(t)
			}
		case loan <- struct{}{}:
			loan = nil
			if t.claim() {
				p.runLent(t, slot, true)
			} else {
				slot.giveBack()
			}
		}
	}
}

// cancelQueued settles a task whose context has ended. The caller has claimed it,
// and a worker will come to it and skip it.
func (p *Pool) cancelQueued(t task) {
	p.helped.Add(1)
	p.past.cancelled.Add(1)
	t.settle(context.Cause(t.context()), false)
}
