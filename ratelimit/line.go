package ratelimit

import (
	"container/list"
	"context"
	"math"
	"time"
)

// line is a queue, first come, first served, that any waiter can leave. Whoever owns it has
// a lock, and lets go the first when its time has come. Only the first waits for a time;
// the others wait to be first. So there is one timer, whatever is changed in the line,
// and no goroutine but those that wait.
//
//	first (has the timer) ◀── second ◀── third ◀── ...
//	  │ let go                  ▲
//	  └─────── wakes ───────────┘
type line struct {
	waiters list.List
	joined  int // how many ever have
}

// waiter is a call that waits in a line.
type waiter struct {
	n        int64
	deadline int64         // the reading of the owner's clock at which its context ends
	turn     chan struct{} // has room for one: look again, something has changed
	joined   bool
	place    *list.Element // nil before and after
	err      error         // why it was turned away or left

	number  int          // in the order of joining
	promise *Reservation // of a Limiter: this is no call, but the place of that; see wait.go
}

// newWaiter has a deadline by a clock that began to run at start.
func newWaiter(ctx context.Context, start time.Time, n int64) *waiter {
	w := &waiter{n: n, deadline: math.MaxInt64, turn: make(chan struct{}, 1)}
	if deadline, ok := ctx.Deadline(); ok {
		w.deadline = int64(deadline.Sub(start))
	}
	return w
}

func (q *line) empty() bool { return q.waiters.Len() == 0 }

// first is nil if nobody waits.
func (q *line) first() *waiter { return waiterAt(q.waiters.Front()) }

func (q *line) last() *waiter { return waiterAt(q.waiters.Back()) }

func (w *waiter) next() *waiter { return waiterAt(w.place.Next()) }

func (w *waiter) prev() *waiter { return waiterAt(w.place.Prev()) }

func waiterAt(place *list.Element) *waiter {
	if place == nil {
		return nil
	}
	return place.Value.(*waiter)
}

func (q *line) join(w *waiter) {
	q.joined++
	w.number = q.joined
	w.place = q.waiters.PushBack(w)
}

// remove takes w out and lets it go.
func (q *line) remove(w *waiter) {
	q.waiters.Remove(w.place)
	w.place = nil
	w.wake()
}

// leave is remove, and tells whoever is first after that.
func (q *line) leave(w *waiter) {
	q.remove(w)
	q.wakeFirst()
}

func (q *line) wakeFirst() {
	if first := q.first(); first != nil {
		first.wake()
	}
}

// wake has w look again.
func (w *waiter) wake() {
	select {
	case w.turn <- struct{}{}:
	default: // it is going to
	}
}

// wait blocks until look says that w is done, and returns w.err. look is the owner's: it has
// w join at first, and brings the line up to date. It returns how long the first of the line
// has to wait before it looks again, and forever to the others, who are told when to. When ctx
// is done, look gets its cause and has w leave, unless it was let go already.
func (w *waiter) wait(ctx context.Context, look func(cause error) (done bool, again time.Duration)) error {
	var timer *time.Timer
	var passed <-chan time.Time
	var cause error
	for {
		done, again := look(cause)
		if timer != nil {
			timer.Stop()
		}
		switch {
		case done:
			return w.err
		case again == forever:
			passed = nil
		case timer == nil:
			timer = time.NewTimer(again)
			passed = timer.C
		default:
			timer.Reset(again)
			passed = timer.C
		}
		select {
		case <-w.turn:
		case <-passed:
		case <-ctx.Done():
			cause = context.Cause(ctx)
		}
	}
}
