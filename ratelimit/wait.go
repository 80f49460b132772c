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
//	          now                              full, as Allow sees it
//	───────────┼──── A ────┼── B ──┼─── C ───┼──────▶ time
//	                       └ B is admitted when this is at most now + tolerance
//
// When B gives up, C moves up: it has no time of its own, only its place behind B. A
// reservation has a time of its own, which was promised; what is behind it does not move up
// when somebody before it leaves. Each piece of the line in which nothing was promised is
// a segment. The first of a segment has a floor, the time from which its events are
// added up; the rest have none.

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
// up whoever waits behind it, and with one of the other errors when SetLimit gives reason for
// it. Waiting for 0 never blocks.
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
		l.segment++
		return
	}
	if w.err = l.limit.possible(w.n); w.err != nil {
		return
	}
	if due := l.limit.due(full); due >= w.deadline {
		w.err = &WaitError{Needed: time.Duration(due - now)}
		return
	}
	if last := l.line.last(); last == nil || last.segment != l.segment {
		w.floor = l.full
	}
	w.segment = l.segment
	l.full = full
	l.line.join(w)
}

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
		l.giveUp(w)
	}
	again = forever
	if w.place != nil && w == l.line.first() {
		again = time.Duration(l.due(w) - now)
	}
	return w.place == nil, again
}

// due is when the first of the line is admitted.
func (l *Limiter) due(first *waiter) int64 {
	return l.limit.due(first.floor.add(l.limit.costOf(first.n)))
}

// release lets go everybody whose time has come.
func (l *Limiter) release(now int64) {
	for first := l.line.first(); first != nil && l.due(first) <= now; first = l.line.first() {
		if next := first.next(); next != nil {
			next.floor = next.floor.max(first.floor.add(l.limit.costOf(first.n)))
		}
		l.line.leave(first)
	}
}

// giveUp takes out one that waits no longer.
func (l *Limiter) giveUp(w *waiter) {
	if next := w.next(); next != nil {
		next.floor = next.floor.max(w.floor)
	}
	if w.segment == l.segment {
		l.full = l.full.sub(l.limit.costOf(w.n))
	}
	l.line.leave(w)
}

// lastSegment returns who has joined the line since something was last promised to
// somebody else: the first of them, and what all of them cost.
func (l *Limiter) lastSegment() (first *waiter, cost units) {
	for w := l.line.last(); w != nil && w.segment == l.segment; w = w.prev() {
		first = w
		cost = cost.add(l.limit.costOf(w.n))
	}
	return first, cost
}
