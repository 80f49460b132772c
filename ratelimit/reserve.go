package ratelimit

import (
	"math"
	"time"

	"github.com/braidgo/braid/internal/argument"
)

// Reservation is the promise of a [Limiter] that events may happen at a certain time.
type Reservation struct {
	limiter *Limiter
	n       int64
	at      int64 // when, by the limiter's clock

	// Under the limiter's lock.
	version int     // of the limit by which it was promised; or cancelled
	place   *waiter // while somebody waits before it
	full    units   // when the limiter is full again, as of this
	before  units   // the same without this, once nobody waits before it
}

// Reserve promises n events at a time that is at most maxWait from now, or takes nothing
// and returns false. It does not wait: the caller does, for [Reservation.Delay], or gives
// the events back with [Reservation.Cancel]. That it promises nothing is also the answer when n
// exceeds the burst, or when the rate is zero and the burst does not suffice. With a maxWait of 0
// it is AllowN with a way back. It panics if n or maxWait is negative.
//
// Prefer Wait where a goroutine can wait: it makes room for others when it gives up,
// and a Reservation that is neither used nor cancelled is lost.
func (l *Limiter) Reserve(n int64, maxWait time.Duration) (*Reservation, bool) {
	const function = "ratelimit.Limiter.Reserve"
	argument.AtLeast(function, "n", n, 0)
	argument.Duration(function, "maxWait", maxWait, 0)
	return l.reserve(l.now(), n, int64(maxWait))
}

func (l *Limiter) reserve(now, n, maxWait int64) (*Reservation, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now = l.close(now)
	defer l.open(now)
	r := &Reservation{limiter: l, n: n, at: now, version: l.version}
	if l.limit.cost == 0 {
		r.n = 0 // what costs nothing is not counted
	}
	debt := l.full.sub(l.limit.at(now))
	if r.n > 0 && !l.limit.admits(debt, n) {
		if l.limit.possible(n) != nil {
			return nil, false
		}
		r.at = l.limit.due(l.full.add(l.limit.costOf(n)))
		if r.at-now > maxWait || r.at == math.MaxInt64 {
			return nil, false
		}
	}
	if r.n > 0 {
		l.full = l.full.max(l.limit.at(now))
		l.promise(r, l.limit.costOf(n))
	}
	return r, true
}

// Delay is how long to wait, from now, until the events may happen; 0 if they may
// already.
func (r *Reservation) Delay() time.Duration { return time.Duration(max(r.at-r.limiter.now(), 0)) }

// Cancel gives the events back if nothing was granted after them and SetLimit was not
// called since, and reports whether that was so. Otherwise it changes nothing: what came
// later was promised a time that does not change. Calls that wait behind it do move up, and
// so do not stand in the way. Of 0 events, or with [Unlimited], there is nothing to give
// back, and it can. A second Cancel returns false. Call it only for events that have not
// happened and will not.
func (r *Reservation) Cancel() bool { return r.cancel(r.limiter.now()) }

func (r *Reservation) cancel(now int64) bool {
	l := r.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	now = l.close(now)
	defer l.open(now)
	switch {
	case r.version != l.version:
		return false
	case r.n == 0:
	case r.place != l.promised: // a later one has a place in the line
		return false
	case r.place != nil:
		l.line.leave(r.place)
	case r.full != l.base:
		return false
	default:
		l.base = r.before
		if !l.line.empty() { // nobody moves up to a time that has passed
			l.base = l.base.max(l.limit.at(now))
		}
	}
	r.version = cancelled
	l.recount()
	l.release(now)
	l.line.wakeFirst()
	return true
}

const cancelled = -1

// recount adds up who waits behind the last promise in the line, or all if there is none.
func (l *Limiter) recount() {
	w, cost := l.line.last(), units{}
	for ; w != nil && w.promise == nil; w = w.prev() {
		cost = cost.add(l.limit.costOf(w.n))
	}
	l.full, l.promised = l.base, w
	if w != nil {
		l.full = w.promise.full
	}
	l.full = l.full.add(cost)
}
