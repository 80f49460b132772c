package ratelimit

import (
	"context"
	"time"

	"github.com/braidgo/braid/internal/argument"
)

// Waiting in line
//
// A call that waits has its events taken into account at once: they are owed like any
// others, only that they are admitted later, when the debt they leave behind is within the
// tolerance. So everything that comes after them is admitted after them, and Allow, which
// knows of no line, passes nobody.
//
//	          now           base                    full, as Allow sees it
//	───────────┼──────────────┼──── A ────┼── B ──┼─── C ───┼──────▶ time
//	                                              └ B is admitted when this is at most now + tolerance
//
// When A gives up, B and C move up: they have no times of their own, only places. A
// reservation has a time of its own, which was promised. If it is to come after somebody who
// waits, it has a place in the line, and its end there does not move: when A gives up,
//
//	           ┼──── A ────┼── B ──┼─ promise ─┼── C ──┼
//	           ┼── B ──┼             ─ promise ─┼── C ──┼
//
// Who waits behind it moves up when it is cancelled.

// Wait blocks until an event may happen, and takes it. It is WaitN(ctx, 1).
//
// Contract: that of Limiter.
func (l *Limiter) Wait(ctx context.Context) error {
	argument.Context("ratelimit.Limiter.Wait", ctx)
	return l.WaitN(ctx, 1)
}

// WaitN blocks until n events may happen, and takes them. The calls that wait are admitted
// in the order in which they came, each at the time it was promised, however late its
// goroutine runs: what one loses by that, the next does not.
//
// It fails at once, and takes nothing: with the context's cause if that is done; with a
// [*WaitError] if the turn would not come before the context's deadline; with
// [ErrExceedsBurst] if n is more than the burst; with [ErrNever] if the rate is zero and the
// burst does not suffice. It fails later with the context's cause when that ends, which moves
// up whoever waits behind it and before the next [Reservation], and with one of the other
// errors when SetLimit gives reason for it. Waiting for 0 never blocks.
//
// Contract: that of Limiter.
func (l *Limiter) WaitN(ctx context.Context, n int64) error {
	const function = "ratelimit.Limiter.WaitN"
	argument.Context(function, ctx)
	argument.AtLeast(function, "n", n, 0)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if l.AllowN(n) {
		return nil
	}
	w := newWaiter(ctx, l.start, n)
	return w.wait(ctx, func(cause error) (bool, time.Duration) { return l.look(w, l.now(), cause) })
}

// join admits w, turns it away, or makes it the last of the line.
func (l *Limiter) join(w *waiter, now int64) {
	at := l.limit.at(now)
	full := l.full.max(at).add(l.limit.costOf(w.n))
	if l.limit.cost == 0 || l.limit.admits(l.full.sub(at), w.n) {
		l.add(now, w.n)
		return
	}
	if w.err = l.limit.possible(w.n); w.err != nil {
		return
	}
	if l.limit.due(full) >= w.deadline {
		w.err = &WaitError{Needed: time.Duration(full.sub(l.limit.tolerance).sub(at).overUp(l.limit.perNano))}
		return
	}
	l.full = full
	l.line.join(w)
}

// promise takes r into account, and gives it a place if somebody waits.
func (l *Limiter) promise(r *Reservation, cost units) {
	l.full = l.full.add(cost)
	r.full = l.full
	if l.line.empty() {
		l.reach(r)
		return
	}
	r.place = &waiter{promise: r}
	l.line.join(r.place)
	l.promised = r.place
}

// reach is when nobody waits before r, or no longer.
func (l *Limiter) reach(r *Reservation) { r.before, l.base = l.base, r.full }

// look is one look of a waiter at the line.
func (l *Limiter) look(w *waiter, now int64, cause error) (done bool, again time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now = l.close(now)
	defer l.open(now)
	switch {
	case !w.joined:
		w.joined = true
		l.join(w, now)
	case w.place != nil && cause != nil:
		w.err = cause
		l.giveUp(w, now)
	}
	again = forever
	if w.place != nil && w == l.line.first() {
		again = time.Duration(l.due(w) - now)
	}
	return w.place == nil, again
}

// due is when the first of the line is admitted.
func (l *Limiter) due(first *waiter) int64 {
	return l.limit.due(l.base.add(l.limit.costOf(first.n)))
}

// release lets go everybody whose time has come.
func (l *Limiter) release(now int64) {
	for first := l.line.first(); first != nil; first = l.line.first() {
		if r := first.promise; r != nil {
			l.reach(r)
			r.place = nil
		} else if l.due(first) <= now {
			l.base = l.base.add(l.limit.costOf(first.n))
		} else {
			return
		}
		l.line.leave(first)
		if l.promised == first {
			l.promised = nil
		}
	}
}

// giveUp takes out one that waits no longer.
func (l *Limiter) giveUp(w *waiter, now int64) {
	if l.promised == nil || w.number > l.promised.number {
		l.full = l.full.sub(l.limit.costOf(w.n))
	}
	l.line.leave(w)
	l.release(now)
}
