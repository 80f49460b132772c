package ratelimit

import (
	"math"
	"time"

	"github.com/braidgo/braid/internal/argument"
)

// The algorithm
//
// A limiter has one number, the time at which it will be full again if nothing more
// happens: the theoretical arrival time of the generic cell rate algorithm (GCRA).
//
//	                 at (now)          full            at + tolerance
//	────────────────────┼───────────────┼───────────────────┼──────────▶ time
//	                    ├───── debt ────┤
//	                    ├─────────── tolerance ─────────────┤
//
// What has not been refilled is the debt. Each event moves full to the right by its cost,
// and is admitted if the debt is then within the tolerance, which is the cost of a whole
// burst. Time moves at to the right; once it has passed full there is no debt. There
// is nothing to be refilled, no last time to be kept, and so nothing that a caller whose
// clock is late could wind back: at an earlier reading the debt is only larger.

// limit is a rate and a burst as the algorithm needs them. All times are in its units.
type limit struct {
	rate      Rate
	burst     int64
	perNano   uint64 // units a nanosecond; 0: there is no refill
	cost      uint64 // units an event; 0: there is no limit
	tolerance units  // what a whole burst costs
}

func newLimit(function string, rate Rate, burst int64) limit {
	argument.AtLeast(function, "burst", burst, 0)
	l := limit{rate: rate, burst: burst, perNano: rate.events, cost: rate.period}
	if rate.events == 0 {
		l.cost = 1
	}
	l.tolerance = product(uint64(burst), l.cost)
	return l
}

// at is the reading of a clock, which is never negative, as a time of l.
func (l *limit) at(now int64) units { return product(uint64(now), l.perNano) }

func (l *limit) costOf(n int64) units { return product(uint64(n), l.cost) }

// converted is a debt of another limit: as many events, and at most a unit more.
func (l *limit) converted(debt units, from *limit) units {
	if from.cost == 0 {
		return units{}
	}
	return debt.scaled(l.cost, from.cost)
}

// admits reports whether n events can happen now.
func (l *limit) admits(debt units, n int64) bool {
	return !l.tolerance.less(debt.add(l.costOf(n)))
}

// possible is the reason why n events will never happen, or nil.
func (l *limit) possible(n int64) error {
	switch {
	case n > l.burst && l.cost > 0:
		return ErrExceedsBurst
	case l.perNano == 0:
		return ErrNever // asked for when the burst did not suffice
	}
	return nil
}

// due is the reading of the clock at which an event that moves full there is admitted.
func (l *limit) due(full units) int64 {
	return full.sub(l.tolerance).overUp(l.perNano)
}

// Decision is the answer to one request of a limiter, with what a client may want to know.
type Decision struct {
	OK         bool
	Limit      int64         // the most that may happen at once
	Remaining  int64         // what may happen now, after this
	RetryAfter time.Duration // when to ask for as much again; 0 if OK, the longest Duration if never
	ResetAfter time.Duration // when all of Limit is free again if nothing more happens; the longest Duration if never
}

// decision describes what was decided about n events, with the debt after that.
func (l *limit) decision(ok bool, n int64, debt units) Decision {
	d := Decision{OK: ok, Limit: l.burst, Remaining: l.burst}
	if l.cost == 0 || debt == (units{}) && ok {
		return d
	}
	d.Remaining = l.tolerance.sub(debt).over(l.cost)
	switch {
	case l.perNano == 0:
		if debt != (units{}) {
			d.ResetAfter = forever
		}
	default:
		d.ResetAfter = time.Duration(debt.overUp(l.perNano))
	}
	if !ok {
		d.RetryAfter = forever
		if l.possible(n) == nil {
			d.RetryAfter = time.Duration(debt.add(l.costOf(n)).sub(l.tolerance).overUp(l.perNano))
		}
	}
	return d
}

// fits reports whether all of l's arithmetic can be done in 64 bits, in eras of at least
// a millisecond.
func (l *limit) fits() bool {
	return l.tolerance.hi == 0 && l.tolerance.lo <= 1<<63 && l.perNano <= eraUnits/uint64(time.Millisecond)
}

// charge is what becomes at that time of the debt of who is full again at full, if something of that
// cost happens; ok is false if it cannot. l fits, and cost is at most its tolerance. A full that is
// closed charges nothing, unless for nothing.
func (l *limit) charge(full, at, cost uint64) (debt uint64, ok bool) {
	debt = max(full, at) - at
	if debt > l.tolerance.lo-cost {
		return debt, false
	}
	return debt + cost, true
}

// eraUnits is how far the clock goes within an era.
const eraUnits = 1 << 62

// eraNanos is the same in nanoseconds.
func (l *limit) eraNanos() int64 {
	if l.perNano == 0 {
		return math.MaxInt64
	}
	return int64(eraUnits / l.perNano)
}
