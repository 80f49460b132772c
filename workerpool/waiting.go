package workerpool

import (
	"cmp"
	"context"
)

// waiter is a submitter that found no room, with the task it has brought.
type waiter struct {
	task       task
	inside     bool       // it came from a task of its own Stateful
	admitted   chan error // one value: nil, or why it is turned away
	queued     bool
	prev, next *waiter
}

// waiterList is a queue of waiters from whose middle one can leave.
type waiterList struct{ first, last *waiter }

func (l *waiterList) push(w *waiter) {
	w.queued, w.prev, w.next = true, l.last, nil
	if l.last == nil {
		l.first = w
	} else {
		l.last.next = w
	}
	l.last = w
}

func (l *waiterList) remove(w *waiter) {
	if w.prev == nil {
		l.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.queued, w.prev, w.next = false, nil, nil
}

// waitForRoom blocks until t is accepted or refused.
func (p *Pool) waitForRoom(t task) error {
	w := p.joinWaiters(t)
	select {
	case err := <-w.admitted:
		return p.answered(w, t, err)
	default:
	}
	var caller *slot
	if p.openState == nil { // a lent slot has no state
		caller = p.enclosing(t.context())
	}
	select {
	case err := <-w.admitted:
		return p.answered(w, t, err)
	case <-doneOf(t.context()):
		if p.withdraw(w) {
			return p.reject(context.Cause(t.context()))
		}
	case caller.loan() <- struct{}{}: // never, if the caller is not inside
		if p.withdraw(w) {
			t.claim() // from nobody: until it is accepted, only the caller knows of it
			<-p.runLent(t, caller, false)
			return nil
		}
		caller.giveBack()
	}
	return p.awaitAnswer(w, t)
}

// joinWaiters makes t the last of the waiters and then lets in everybody there
// is room for. The queue is barred while somebody waits, so that nobody passes.
func (p *Pool) joinWaiters(t task) *waiter {
	w, _ := p.waiterPool.Get().(*waiter)
	if w == nil {
		w = &waiter{admitted: make(chan error, 1)}
	}
	w.task = t
	w.inside = p.openState != nil && p.enclosing(t.context()) != nil
	p.mu.Lock()
	p.waiters.push(w)
	p.waiting.Add(1)
	p.queue.bar()
	p.states.broken = false // a new task, a new attempt
	switch {
	case p.closed:
		p.answer(w, ErrClosed)
	case w.inside && !p.canBegin():
		p.answer(w, ErrFull) // see Stateful.Do
	default:
		p.balance()
	}
	p.unlock()
	return w
}

// answer ends the wait of w. The caller holds mu.
func (p *Pool) answer(w *waiter, err error) {
	p.forget(w)
	w.admitted <- err // has room for the one value
}

// withdraw takes w back, unless it has been answered.
func (p *Pool) withdraw(w *waiter) bool {
	p.mu.Lock()
	defer p.unlock()
	if !w.queued {
		return false
	}
	p.forget(w)
	p.waiterPool.Put(w)
	return true
}

func (p *Pool) forget(w *waiter) {
	p.waiters.remove(w)
	w.task = nil
	if p.waiting.Add(-1) == 0 && !p.closed {
		p.queue.unbar()
	}
}

// awaitAnswer returns the answer to a waiter that has one.
func (p *Pool) awaitAnswer(w *waiter, t task) error { return p.answered(w, t, <-w.admitted) }

// answered returns err, which w was answered for t. Where both that and t's
// context are a reason to refuse it, the context comes first.
func (p *Pool) answered(w *waiter, t task, err error) error {
	p.waiterPool.Put(w)
	if err == nil {
		return nil
	}
	return p.reject(cmp.Or(causeOf(t.context()), err))
}

func (p *Pool) reject(err error) error {
	p.rejected.Add(1)
	return err
}

// balance hands tasks to all workers to spare and lets waiters into the room
// there is in the queue. The caller holds mu.
func (p *Pool) balance() {
	if p.openState != nil {
		p.balanceStates()
		return
	}
	for p.limit > p.busy {
		t, ok := p.take()
		if !ok {
			break
		}
		p.handOver(t)
	}
	for w := p.waiters.first; w != nil && p.queue.push(w.task, true); w = p.waiters.first {
		p.answer(w, nil)
	}
}

// take returns the task that has waited longest, for a worker to spare. The
// caller holds mu.
func (p *Pool) take() (task, bool) {
	if t, ok := p.states.takePromised(); ok {
		p.begun++
		return t, true
	}
	if t, ok := p.queue.pop(); ok {
		return t, true
	}
	// The queue may be not empty and yet have nothing ready: a submitter is about to
	// fill the oldest cell. Nobody overtakes that one; it will find the spare worker.
	if w := p.waiters.first; w != nil && p.queue.empty() {
		t := w.task
		p.direct++
		p.begun++
		p.answer(w, nil)
		return t, true
	}
	return nil, false
}

// admitWaiters is called by who has made room in the queue. It does not wait for
// the lock: whoever holds it calls admitWaiters after letting go of it. So two
// workers never queue up for the lock in order to do the same thing.
func (p *Pool) admitWaiters() {
	for p.waiting.Load() > 0 && p.queue.room() && p.mu.TryLock() {
		p.balance()
		p.mu.Unlock()
	}
}

func (p *Pool) unlock() {
	p.mu.Unlock()
	p.admitWaiters()
}
