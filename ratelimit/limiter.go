package ratelimit

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/braidgo/braid/internal/argument"
)

// Limiter admits events at a rate, and a burst of them at once after a rest. In any
// span of time T it admits at most burst + rate × T, exactly: there is no rounding and
// no drift, and no caller whose clock is late can gain anything by it. Each event is
// timed at the reading of the clock that admitted it; one that has waited, at the time that
// it was promised.
//
// [New] makes one. All methods are safe for concurrent use, and none holds a lock while it
// waits. To obey two limits at once, reserve from one, and cancel if the other refuses.
//
//	Goroutines: none, ever. The first of those who wait sleeps until its time and wakes the next.
//	Blocks:     only Wait and WaitN do, first come, first served.
//	Ends:       nothing has to be ended; a limiter that nobody holds is garbage.
//	Panics:     if a number is negative or a context is nil.
//	Memory:     about 300 bytes, and as much again for each call that waits.
type Limiter struct {
	start time.Time           // the clock's zero, in the time of whoever made the limiter
	era   atomic.Pointer[era] // where events are admitted without a lock

	mu       sync.Mutex
	limit    limit
	version  int     // how often the limit was changed
	full     units   // when it is full again, all of the line included; as of the last open
	base     units   // the same without the line; see wait.go
	line     line    // who waits
	promised *waiter // the last promise in the line
}

// era is a piece of the limiter's time that is short enough for 64 bits. Within it
// an event is admitted by one compare-and-swap of one word. Everything else closes the
// era, calculates with 128 bits under the lock, and opens the next one.
//
//	epoch                                                    until
//	──┼────────────────┼──────────────┼────────────────────────┼───▶ time
//	  0                at             full                  eraUnits
//	  └── in units since the epoch ───┘
type era struct {
	limit
	version      int           // which of the limiter's limits that is
	epoch, until int64         // readings of the clock; until is 0 if the limit does not fit
	full         atomic.Uint64 // in units since the epoch, or closed
}

const closed = 1<<64 - 1

// outcome is what an era says to an event.
type outcome int

const (
	refused outcome = iota
	admitted
	elsewhere // the era cannot tell: ask the limiter
)

// New makes a limiter that is full: it admits a whole burst at once, and then as much as
// rate says. A burst of 1 spaces single events evenly; 0 admits nothing until SetLimit
// allows more, unless rate is [Unlimited]. It panics if burst is negative.
//
// Every other rate and burst are kept exactly. Where the burst times the d of the rate in lowest
// terms is more than 2^63 nanoseconds, as with 2^40 at 3 per second, a call takes a lock and
// more than twice as long.
func New(rate Rate, burst int64) *Limiter {
	return newLimiter(time.Now(), newLimit("ratelimit.New", rate, burst), 0, units{})
}

// newLimiter makes a limiter whose clock began to run at start, shows now, and will be full.
func newLimiter(start time.Time, limit limit, now int64, full units) *Limiter {
	l := &Limiter{start: start, limit: limit, full: full, base: full}
	l.era.Store(&era{version: -1}) // for open to replace
	l.open(now)
	return l
}

// now reads the clock. It is read once for each call, and outside the lock.
func (l *Limiter) now() int64 { return int64(time.Since(l.start)) }

// Allow takes an event if it may happen now, and reports whether it has. It is AllowN(1).
func (l *Limiter) Allow() bool { return l.allow(l.now(), 1) }

// AllowN takes n events if all of them may happen now, and reports whether it has. It
// never passes those who wait. More than the burst is never admitted, and 0 always.
func (l *Limiter) AllowN(n int64) bool {
	argument.AtLeast("ratelimit.Limiter.AllowN", "n", n, 0)
	return l.allow(l.now(), n)
}

func (l *Limiter) allow(now, n int64) bool {
	_, outcome := l.era.Load().admit(now, n)
	if outcome == elsewhere {
		return l.exactly(now, n).OK
	}
	return outcome == admitted
}

// Take is AllowN, and says how things stand after it. Take(0) takes nothing: it looks.
func (l *Limiter) Take(n int64) Decision {
	argument.AtLeast("ratelimit.Limiter.Take", "n", n, 0)
	return l.take(l.now(), n)
}

func (l *Limiter) take(now, n int64) Decision {
	e := l.era.Load()
	debt, outcome := e.admit(now, n)
	if outcome == elsewhere {
		return l.exactly(now, n)
	}
	return e.decision(outcome == admitted, n, units{0, debt})
}

// admit decides about n events at now, and returns the debt after that.
func (e *era) admit(now, n int64) (debt uint64, outcome outcome) {
	if now >= e.until || n > e.burst && e.cost > 0 {
		return 0, elsewhere
	}
	// Who has read the clock before the era began, and comes only now, may as well have
	// read it when the era began.
	at := uint64(max(now-e.epoch, 0)) * e.perNano
	cost := uint64(n) * e.cost
	for {
		full := e.full.Load()
		debt, ok := e.charge(full, at, cost)
		switch {
		case ok:
			if cost == 0 || e.full.CompareAndSwap(full, at+debt) {
				return debt, admitted
			}
		case full == closed:
			return 0, elsewhere
		case n == 0:
			return debt, admitted
		default:
			return debt, refused
		}
	}
}

// exactly is Take, when the era cannot tell.
func (l *Limiter) exactly(now, n int64) Decision {
	l.mu.Lock()
	defer l.mu.Unlock()
	now = l.close(now)
	defer l.open(now)
	debt := l.full.sub(l.limit.at(now))
	ok := n == 0 || l.limit.cost == 0 || l.limit.admits(debt, n)
	if ok {
		debt = l.add(now, n)
	}
	return l.limit.decision(ok, n, debt)
}

// add takes n events into account that happen now, and returns the debt after that.
// If they cost anything, nobody waits.
func (l *Limiter) add(now, n int64) (debt units) {
	at, cost := l.limit.at(now), l.limit.costOf(n)
	if cost != (units{}) {
		l.full = l.full.max(at).add(cost)
		l.base = l.full
	}
	return l.full.sub(at)
}

// close ends the era, so that l.full is right and stays so until open: l.mu is held.
// It lets go who has waited long enough, and returns the reading of the clock that the
// rest of the call is to go by: no earlier than the beginning of the era.
func (l *Limiter) close(now int64) int64 {
	e := l.era.Load()
	now = max(now, e.epoch)
	if owed := e.full.Swap(closed); owed != closed && owed != 0 {
		if full := l.limit.at(e.epoch).add(units{0, owed}); full != l.full {
			l.release(math.MaxInt64) // what was admitted in the era came after everybody's turn
			l.full, l.base = full, full
		}
	}
	l.release(now)
	return now
}

// open goes on with the era, or begins one at now, if the limit and what is owed fit.
func (l *Limiter) open(now int64) {
	e := l.era.Load()
	if e.version != l.version || e.until > 0 && now >= e.until {
		e = &era{limit: l.limit, version: l.version, epoch: now}
		if l.limit.fits() {
			e.until = now + min(l.limit.eraNanos(), int64(forever)-now)
		}
		defer l.era.Store(e) // once it is right
	}
	if owed := l.full.sub(l.limit.at(e.epoch)); e.until > 0 && owed.hi == 0 {
		e.full.Store(owed.lo) // where that is all ones, it is closed, and stays so
	} else {
		e.full.Store(closed)
	}
}
