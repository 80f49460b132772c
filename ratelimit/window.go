package ratelimit

import (
	"context"
	"sync"
	"time"

	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/fifo"
)

// Window admits at most n events in any span of d, wherever the span begins. It is for limits
// that are counted like that: "100 requests in any minute". A [Limiter] of 100 per minute
// with a burst of 100 admits up to 200 in the minute in which it starts full. The price is
// memory: a window remembers the last n events. A span holds its first instant and not
// its last: an event exactly d after another is not in a span with it.
//
// [NewWindow] makes one. All methods are safe for concurrent use.
//
//	Goroutines: none, ever. The first of those who wait sleeps until its time and wakes the next.
//	Blocks:     only Wait does, first come, first served.
//	Ends:       nothing has to be ended; a window that nobody holds is garbage.
//	Panics:     if a number is negative or a context is nil.
//	Memory:     up to 32 bytes for each of the last n events, and about 300 for each call that waits.
type Window struct {
	start time.Time
	span  int64

	mu     sync.Mutex
	events fifo.Queue[int64] // when those were that still count, the oldest first
	most   int64             // events in a span
	seen   int64             // the latest reading of the clock, by which events were forgotten
	line   line              // who waits: then there are as many events as there may be
}

// NewWindow makes a window for n events in any span of d. It panics if n < 0 or d < 1ns.
func NewWindow(n int64, d time.Duration) *Window {
	argument.AtLeast("ratelimit.NewWindow", "n", n, 0)
	argument.Duration("ratelimit.NewWindow", "d", d, 1)
	return &Window{start: time.Now(), span: int64(d), most: n}
}

func (w *Window) now() int64 { return int64(time.Since(w.start)) }

// Allow takes an event if it may happen now, and reports whether it has. It never passes
// those who wait.
func (w *Window) Allow() bool { return w.Take(1).OK }

// Take asks for n events, all or none, and says how things stand after that. Take(0) takes
// nothing: it looks. It takes time in proportion to n.
func (w *Window) Take(n int64) Decision {
	argument.AtLeast("ratelimit.Window.Take", "n", n, 0)
	return w.take(w.now(), n)
}

func (w *Window) take(now, n int64) Decision {
	w.mu.Lock()
	defer w.mu.Unlock()
	now = w.advance(now)
	held, waiting := int64(w.events.Len()), int64(w.line.waiters.Len())
	d := Decision{Limit: w.most, OK: n == 0 || n <= w.most-held}
	switch {
	case d.OK:
		for range n {
			w.events.Push(now)
		}
	case n > w.most:
		d.RetryAfter = forever
	default: // behind those who wait
		d.RetryAfter = w.until(waiting+n-1-(w.most-held), now)
	}
	if held = int64(w.events.Len()); held > 0 {
		d.ResetAfter = w.until(waiting+held-1, now)
	}
	d.Remaining = w.most - held
	return d
}

// Wait blocks until an event may happen, and takes it. The calls that wait are admitted in
// the order in which they came, each at the time it was promised.
//
// It fails at once, and takes nothing: with the context's cause if that is done; with a
// [*WaitError] if the turn would not come before the context's deadline; with
// [ErrExceedsBurst] if the window admits nothing at all. It fails later with the context's
// cause when that ends, which moves up whoever waits behind it.
//
// Contract: that of Window.
func (w *Window) Wait(ctx context.Context) error {
	argument.Context("ratelimit.Window.Wait", ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	caller := newWaiter(ctx, w.start, 1)
	return caller.wait(ctx, func(cause error) (bool, time.Duration) { return w.look(caller, w.now(), cause) })
}

func (w *Window) look(caller *waiter, now int64, cause error) (done bool, again time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now = w.advance(now)
	switch {
	case !caller.joined:
		caller.joined = true
		w.join(caller, now)
	case caller.place != nil && cause != nil:
		caller.err = cause
		w.line.leave(caller)
	}
	again = forever
	if caller.place != nil && caller == w.line.first() {
		again = w.until(0, now)
	}
	return caller.place == nil, again
}

// join admits the caller, turns it away, or makes it the last of the line.
func (w *Window) join(caller *waiter, now int64) {
	if int64(w.events.Len()) < w.most {
		w.events.Push(now)
		return
	}
	if w.most == 0 {
		caller.err = ErrExceedsBurst
		return
	}
	if place := int64(w.line.waiters.Len()); w.due(place).over(1) >= caller.deadline {
		caller.err = &WaitError{Needed: w.until(place, now)}
		return
	}
	w.line.join(caller)
}

// advance admits whose time has come, forgets the events that are out of the span, and
// returns the reading of the clock that the rest of the call is to go by: no earlier than
// any before, because what was forgotten by that may be in the span of an earlier one.
func (w *Window) advance(now int64) int64 {
	w.seen = max(w.seen, now)
	for w.events.Len() > 0 && w.until(0, w.seen) == 0 {
		due := w.due(0).over(1)
		w.events.Pop()
		if first := w.line.first(); first != nil {
			w.events.Push(due) // and not now, which is later: nothing is lost by that
			w.line.leave(first)
		}
	}
	return w.seen
}

// due is when the (n+1)th event from now on can happen, in a window that is full. Each event makes
// room for another after a span, and that one again.
func (w *Window) due(n int64) units {
	held := int64(w.events.Len())
	return units{0, uint64(w.events.At(int(n % held)))}.add(product(uint64(n/held+1), uint64(w.span)))
}

// until is how long that is from now.
func (w *Window) until(n, now int64) time.Duration {
	return time.Duration(w.due(n).sub(units{0, uint64(now)}).over(1))
}
