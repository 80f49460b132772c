package ratelimit

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"time"
)

// ---- Limiter -----------------------------------------------------------------

// limiterModel is what a Limiter promises, in fractions and without a thought of speed. It
// keeps a log of all that it has granted and of all who wait, in the order in which they
// came, and works everything out anew from that.
//
// It counts in events. refilled is how many a rate has refilled since the clock's zero, and
// each entry of the log is marked with how much that has to be for the limiter to be full
// again if nothing comes after the entry. The difference is the debt.
type limiterModel struct {
	rate  *big.Rat // events a nanosecond; nil: Unlimited
	unit  *big.Rat // what is owed is rounded up to a multiple of this by SetLimit
	burst int64
	log   []*modelEntry
	limit int // how often it was changed
}

type modelEntry struct {
	n        int64
	state    modelState
	full     *big.Rat // if granted: the mark. If waiting: as of now
	when     *big.Rat // if granted: the time that is counted, which need not be a whole nanosecond
	since    int64    // the reading at which it joined, or moved up: the earliest time it can be promised
	deadline int64
	err      error
	at       int64 // of a reservation: the time that it was promised
	limit    int   // and by which limit
}

type modelState int

const (
	waiting modelState = iota
	granted
	withdrawn // refused, gave up, or was cancelled
)

func newLimiterModel(rate Rate, burst int64) *limiterModel {
	m := &limiterModel{burst: burst, unit: big.NewRat(1, 1)}
	if rate == Unlimited {
		return m
	}
	m.rate = new(big.Rat)
	if rate.events > 0 {
		m.rate.SetFrac(new(big.Int).SetUint64(rate.events), new(big.Int).SetUint64(rate.period))
		m.unit.SetFrac(big.NewInt(1), new(big.Int).SetUint64(rate.period))
	}
	return m
}

func (m *limiterModel) refilled(now int64) *big.Rat {
	return new(big.Rat).Mul(m.rate, rational(now))
}

// full is the mark of the last entry. It marks who waits on the way.
func (m *limiterModel) full() *big.Rat {
	full := new(big.Rat)
	for _, e := range m.log {
		if e.state == waiting {
			e.full = plus(larger(full, m.refilled(e.since)), e.n)
		}
		full = e.full
	}
	return full
}

func (m *limiterModel) debt(now int64) *big.Rat {
	return larger(new(big.Rat), new(big.Rat).Sub(m.full(), m.refilled(now)))
}

// due is when an entry with that mark can happen; nil: never.
func (m *limiterModel) due(full *big.Rat) *big.Rat {
	if m.rate.Sign() == 0 {
		return nil
	}
	return new(big.Rat).Quo(plus(full, -m.burst), m.rate)
}

// settle lets go everybody whose time has come.
func (m *limiterModel) settle(now int64) {
	m.full()
	for _, e := range m.log {
		if e.state != waiting {
			continue
		}
		if due := m.due(e.full); ceiling(due) <= now {
			e.state, e.when = granted, larger(due, rational(e.since))
			continue
		}
		return
	}
}

func (m *limiterModel) grant(now int64, e *modelEntry) *modelEntry {
	e.state, e.when = granted, rational(now)
	if m.rate == nil || e.n == 0 {
		e.full = m.full()
		return e
	}
	e.full = plus(larger(m.full(), m.refilled(now)), e.n)
	if due := m.due(e.full); due != nil {
		e.when = larger(e.when, due)
	}
	m.log = append(m.log, e)
	return e
}

// refusal is why n events cannot happen now: nil, errLater, or an error for good.
func (m *limiterModel) refusal(now, n int64) error {
	switch {
	case m.rate == nil || n == 0 || plus(m.debt(now), n).Cmp(rational(m.burst)) <= 0:
		return nil
	case n > m.burst:
		return ErrExceedsBurst
	case m.rate.Sign() == 0:
		return ErrNever
	}
	return errLater
}

var errLater = errors.New("later")

// take is AllowN and Take. locked says whether the line is looked after on this occasion; if
// something is admitted, everybody's turn has been before.
func (m *limiterModel) take(now, n int64, locked bool) Decision {
	if locked {
		m.settle(now)
	}
	d := Decision{OK: true, Limit: m.burst, Remaining: m.burst}
	if m.rate == nil {
		return d
	}
	refusal := m.refusal(now, n)
	if d.OK = refusal == nil; d.OK && n > 0 {
		m.settle(now)
		if slices.ContainsFunc(m.log, func(e *modelEntry) bool { return e.state == waiting }) {
			panic("the model admits an event before one that waits")
		}
		m.grant(now, &modelEntry{n: n})
	}
	debt := m.debt(now)
	d.Remaining = floor(larger(new(big.Rat), new(big.Rat).Sub(rational(m.burst), debt)))
	d.ResetAfter = m.toRefill(debt)
	switch refusal {
	case errLater:
		d.RetryAfter = m.toRefill(plus(debt, n-m.burst))
	case ErrExceedsBurst, ErrNever:
		d.RetryAfter = forever
	}
	return d
}

// toRefill is how long it takes to refill so many events.
func (m *limiterModel) toRefill(events *big.Rat) time.Duration {
	switch {
	case events.Sign() == 0:
		return 0
	case m.rate.Sign() == 0:
		return forever
	}
	return time.Duration(ceiling(new(big.Rat).Quo(events, m.rate)))
}

// join is a call of WaitN that is not admitted by the way.
func (m *limiterModel) join(now int64, e *modelEntry) {
	m.settle(now)
	e.since = now
	switch e.err = m.refusal(now, e.n); e.err {
	case nil:
		m.grant(now, e)
		return
	case errLater:
		if due := m.due(plus(m.full(), e.n)); ceiling(due) >= e.deadline {
			e.err = &WaitError{Needed: time.Duration(ceiling(due.Sub(due, rational(now))))}
			break
		}
		e.err = nil
		m.log = append(m.log, e)
		return
	}
	e.state = withdrawn
}

// again is when the first of the line is admitted, and false if nobody waits.
func (m *limiterModel) again() (first *modelEntry, due int64, ok bool) {
	m.full()
	for _, e := range m.log {
		if e.state == waiting {
			return e, ceiling(m.due(e.full)), true
		}
	}
	return nil, 0, false
}

func (m *limiterModel) giveUp(now int64, e *modelEntry, cause error) {
	m.settle(now)
	if e.state == waiting && cause != nil {
		e.err = cause
		m.withdraw(now, e)
	}
}

// withdraw makes everything as if e had never been, from now on.
func (m *limiterModel) withdraw(now int64, e *modelEntry) {
	e.state = withdrawn
	m.log = slices.DeleteFunc(m.log, func(o *modelEntry) bool { return o == e })
	for _, o := range m.log {
		if o.state == waiting {
			o.since = now
		}
	}
	m.settle(now)
}

// reserve returns nil if it promises nothing.
func (m *limiterModel) reserve(now, n, maxWait int64) *modelEntry {
	m.settle(now)
	e := &modelEntry{n: n, at: now, limit: m.limit}
	switch m.refusal(now, n) {
	case nil:
		return m.grant(now, e)
	case errLater:
		e.at = ceiling(m.due(plus(m.full(), n)))
		if e.at-now <= maxWait && e.at < math.MaxInt64 { // where the clock ends
			return m.grant(now, e)
		}
	}
	return nil
}

func (m *limiterModel) cancel(now int64, e *modelEntry) bool {
	m.settle(now)
	if e.limit != m.limit || e.state == withdrawn {
		return false
	}
	if at := slices.Index(m.log, e); at >= 0 { // it costs something
		for _, o := range m.log[at+1:] {
			if o.state == granted {
				return false
			}
		}
	}
	m.withdraw(now, e)
	return true
}

func (m *limiterModel) setLimit(now int64, rate Rate, burst int64) {
	m.settle(now)
	was := *m
	*m = *newLimiterModel(rate, burst)
	m.limit = was.limit + 1
	if was.rate == nil {
		return
	}
	first := slices.IndexFunc(was.log, func(e *modelEntry) bool { return e.state == waiting })
	if first < 0 {
		first = len(was.log)
	}
	granted := (&limiterModel{rate: was.rate, log: was.log[:first]}).debt(now)
	if m.rate != nil { // what was granted before anybody waited is one entry from now on
		full := roundUp(granted, m.unit)
		full = m.atMost(full.Add(full, m.refilled(now)))
		m.log = append(m.log, &modelEntry{state: 1, full: full, when: rational(now)})
	}
	before := (&limiterModel{rate: was.rate, log: was.log[:first]}).full()
	for _, e := range was.log[first:] {
		added := new(big.Rat).Sub(e.full, before)
		before = e.full
		switch {
		case e.state == waiting:
			m.join(now, e)
		case m.rate != nil: // a promise, which stays what it is in events
			e.full = m.atMost(added.Add(added, m.full()))
			m.log = append(m.log, e)
		}
	}
}

// atMost saturates: a debt that takes a thousand years to refill becomes no longer.
func (m *limiterModel) atMost(full *big.Rat) *big.Rat {
	most := new(big.Rat).SetInt(new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1)))
	if most.Mul(most, m.unit); most.Cmp(full) < 0 {
		return most
	}
	return full
}

// ---- Window ------------------------------------------------------------------

// windowModel is what a Window promises: all events that it ever admitted, and who waits.
type windowModel struct {
	n      int64
	d      *big.Int
	seen   int64 // the latest reading of the clock: an earlier one counts as that
	events []*big.Int
	line   []*modelEntry
}

// room is when n more events can happen after so many, at the earliest at now; nil: never.
func (m *windowModel) room(events []*big.Int, now, n int64) *big.Int {
	switch last := int64(len(events)) - m.n + n - 1; {
	case n > m.n:
		return nil
	case last < 0:
		return big.NewInt(now)
	default: // the span that begins with this one must be over
		over := new(big.Int).Add(events[last], m.d)
		if over.Cmp(big.NewInt(now)) < 0 {
			over.SetInt64(now)
		}
		return over
	}
}

// expected is all events, who waits included, if nobody gives up.
func (m *windowModel) expected(now int64) []*big.Int {
	events := slices.Clone(m.events)
	for range m.line {
		events = append(events, m.room(events, now, 1))
	}
	return events
}

// settle lets go everybody whose time has come, and returns the reading that counts.
func (m *windowModel) settle(now int64) int64 {
	now = max(now, m.seen)
	for len(m.line) > 0 {
		due := m.room(m.events, m.seen, 1)
		if due.Cmp(big.NewInt(now)) > 0 {
			break
		}
		m.line[0].state = granted
		m.events, m.line = append(m.events, due), m.line[1:]
	}
	m.seen = now
	return now
}

func (m *windowModel) take(now, n int64) Decision {
	now = m.settle(now)
	at := m.room(m.expected(now), now, n)
	d := Decision{Limit: m.n, OK: n == 0 || at != nil && at.Cmp(big.NewInt(now)) == 0}
	switch {
	case d.OK:
		for range n {
			m.events = append(m.events, at)
		}
	case at == nil:
		d.RetryAfter = forever
	default:
		d.RetryAfter = saturated(at.Sub(at, big.NewInt(now)))
	}
	held := 0 // in the span that ends now
	for _, e := range m.events {
		if e = new(big.Int).Add(e, m.d); e.Cmp(big.NewInt(now)) > 0 {
			held++
		}
	}
	d.Remaining = m.n - int64(held)
	if all := m.expected(now); len(all) > 0 {
		over := new(big.Int).Add(all[len(all)-1], m.d)
		d.ResetAfter = max(0, saturated(over.Sub(over, big.NewInt(now))))
	}
	return d
}

func (m *windowModel) join(now int64, e *modelEntry) {
	now = m.settle(now)
	at := m.room(m.expected(now), now, 1)
	if at == nil {
		e.state, e.err = withdrawn, ErrExceedsBurst
		return
	}
	switch wait := saturated(new(big.Int).Sub(at, big.NewInt(now))); {
	case wait == 0:
		e.state = granted
		m.events = append(m.events, at)
	case saturated(at) >= time.Duration(e.deadline):
		e.state, e.err = withdrawn, &WaitError{Needed: wait}
	default:
		m.line = append(m.line, e)
	}
}

func (m *windowModel) giveUp(now int64, e *modelEntry, cause error) {
	m.settle(now)
	if e.state == waiting && cause != nil {
		e.state, e.err = withdrawn, cause
		m.line = slices.DeleteFunc(m.line, func(o *modelEntry) bool { return o == e })
	}
}

func (m *windowModel) again() (first *modelEntry, due int64, ok bool) {
	if len(m.line) == 0 {
		return nil, 0, false
	}
	return m.line[0], int64(saturated(m.room(m.events, m.seen, 1))), true
}

// ---- Fractions ---------------------------------------------------------------

func rational(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

func plus(a *big.Rat, n int64) *big.Rat { return new(big.Rat).Add(a, rational(n)) }

func larger(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}

// floor and ceiling are the longest Duration for whatever is longer.
func floor(a *big.Rat) int64 {
	return int64(saturated(new(big.Int).Div(a.Num(), a.Denom()))) // Euclidean: down, as the denominator is positive
}

func ceiling(a *big.Rat) int64 {
	up := new(big.Int).Sub(new(big.Int).Add(a.Num(), a.Denom()), big.NewInt(1))
	return int64(saturated(up.Div(up, a.Denom())))
}

// roundUp is the next multiple of unit.
func roundUp(a, unit *big.Rat) *big.Rat {
	units := new(big.Rat).Quo(a, unit)
	up := new(big.Int).Sub(new(big.Int).Add(units.Num(), units.Denom()), big.NewInt(1))
	return units.Mul(new(big.Rat).SetInt(up.Div(up, units.Denom())), unit)
}

func saturated(a *big.Int) time.Duration {
	switch {
	case a.IsInt64():
		return time.Duration(a.Int64())
	case a.Sign() < 0:
		return math.MinInt64
	}
	return forever
}
