package ratelimit

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/testkit"
)

var errGaveUp = errors.New("gave up")

// Programs that are longer than what a fuzzer likes, the same ones each time.
func TestManyPrograms(t *testing.T) {
	programs := 2000
	if testkit.Race {
		programs = 100
	}
	for name, run := range map[string]func(*testing.T, *testkit.Program){"Limiter": fuzzLimiter, "Window": fuzzWindow, "Keyed": fuzzKeyed, "places": fuzzPlaces} {
		t.Run(name, func(t *testing.T) {
			random := rand.NewChaCha8([32]byte{})
			number := 0
			t.Cleanup(func() { t.Log("programs:", number) })
			for ; number < programs; number++ {
				program := make(testkit.Program, 30+number%400)
				random.Read(program) // never fails
				run(t, &program)
			}
		})
	}
}

// ---- Limiter -----------------------------------------------------------------

// FuzzLimiter calls a Limiter and its model with the same readings of a clock, as the
// program says, and compares every answer.
func FuzzLimiter(f *testing.F) { testkit.Fuzz(f, fuzzLimiter) }

func fuzzLimiter(t *testing.T, p *testkit.Program) {
	rate, burst := someRate(p), someBurst(p)
	s := &limiterTrial{t: t, p: p, l: New(rate, burst), m: newLimiterModel(rate, burst)}
	defer s.tell(t)
	s.logf("New(%v, %d)", rate, burst)
	changes := p.Choose(2) == 0
	for len(*p) > 0 {
		switch p.Choose(16) {
		case 0, 1, 2:
			s.take(s.number())
		case 3:
			s.take(0)
		case 4:
			s.allow(s.number())
		case 5, 6:
			s.join()
		case 7:
			s.look(errGaveUp)
		case 8:
			s.look(nil)
		case 9, 10:
			s.reserve()
		case 11:
			s.cancel()
		case 12:
			if changes {
				s.setLimit(someRate(p), someBurst(p))
			}
		default:
			s.pass()
		}
	}
	s.letGo()
	if s.m.limit == 0 {
		s.checkSpans()
	}
}

type limiterTrial struct {
	story
	t     *testing.T
	p     *testkit.Program
	l     *Limiter
	m     *limiterModel
	clock int64 // the latest reading there has been
	retry int64 // when what was refused may be asked for again

	waiters      []*trialWaiter
	reservations []trialReservation
}

type trialReservation struct {
	*Reservation
	model *modelEntry
}

func (s *limiterTrial) take(n int64) {
	now, counts := s.reading()
	locked := s.locks(now, n)
	want := s.m.take(counts, n, locked)
	got := s.l.take(now, n)
	s.logf("%d: take(%d) is %+v", now, n, got)
	if got != want {
		require.Equal(s.t, want, got)
	}
	s.retry = sum(counts, int64(got.RetryAfter))
	if locked {
		s.check()
	}
}

func (s *limiterTrial) allow(n int64) {
	now, counts := s.reading()
	locked := s.locks(now, n)
	want := s.m.take(counts, n, locked).OK
	got := s.l.allow(now, n)
	s.logf("%d: allow(%d) is %v", now, n, got)
	require.True(s.t, want == got)
	if locked {
		s.check()
	}
}

// locks reports whether Allow and Take are going to take the lock, and so look after the line.
func (s *limiterTrial) locks(now, n int64) bool {
	e := s.l.era.Load()
	return now >= e.until || n > e.burst && e.cost > 0 || e.full.Load() == closed
}

func (s *limiterTrial) join() {
	now, counts := s.reading()
	n := max(s.number(), 1)
	w := &trialWaiter{waiter: &waiter{n: n, deadline: s.deadline(counts, n), turn: make(chan struct{}, 1)}}
	w.model = &modelEntry{n: n, deadline: w.deadline}
	s.logf("%d: %d joins with %d, deadline %d", now, len(s.waiters), n, w.deadline)
	s.waiters = append(s.waiters, w)
	s.m.join(counts, w.model)
	s.lookAs(w, now, counts, nil)
}

// look has somebody look who waits, or has waited and does not know yet that it is over.
func (s *limiterTrial) look(cause error) {
	if len(s.waiters) == 0 {
		return
	}
	at := s.p.Choose(min(len(s.waiters), 256))
	w := s.waiters[at]
	if w.over {
		return
	}
	now, counts := s.reading()
	s.logf("%d: %d looks (%v)", now, at, cause)
	s.m.giveUp(counts, w.model, cause)
	s.lookAs(w, now, counts, cause)
}

func (s *limiterTrial) lookAs(w *trialWaiter, now, counts int64, cause error) {
	again := w.look(now, cause, s.l.look)
	s.logf("\t%v, %v: %v", w.over, again, w.err)
	w.sleeps = sum(counts, int64(again))
	first, due, ok := s.m.again()
	requireAgain(s.t, ok && first == w.model, due-counts, again)
	s.check()
}

func (s *limiterTrial) check() {
	first, due, _ := s.m.again()
	checkLine(s.t, s.waiters, first, due)
}

func (s *limiterTrial) reserve() {
	n := s.number()
	now, counts := s.reading()
	maxWait := int64(math.MaxInt64)
	switch s.p.Choose(4) {
	case 0:
		maxWait = max(0, s.due(counts, n)-counts+int64(s.p.Choose(3))-1)
	case 1:
		maxWait = int64(s.p.Choose(256))
	}
	model := s.m.reserve(counts, n, maxWait)
	r, ok := s.l.reserve(now, n, maxWait)
	s.logf("%d: reserve(%d, %d) is %v", now, n, maxWait, ok)
	require.True(s.t, ok == (model != nil))
	require.True(s.t, ok == (r != nil))
	if ok {
		s.logf("\t%d: at %d", len(s.reservations), r.at)
		require.Equal(s.t, model.at, r.at)
		s.reservations = append(s.reservations, trialReservation{r, model})
	}
	s.check()
}

// cancel prefers the latest, as an older one seldom can be.
func (s *limiterTrial) cancel() {
	if len(s.reservations) == 0 {
		return
	}
	at := len(s.reservations) - 1 - min(s.p.Choose(6), s.p.Choose(min(len(s.reservations), 256)))
	r := s.reservations[max(at, 0)]
	now, counts := s.reading()
	want := s.m.cancel(counts, r.model)
	got := r.cancel(now)
	s.logf("%d: cancel %d is %v", now, at, got)
	require.True(s.t, want == got)
	s.check()
}

func (s *limiterTrial) setLimit(rate Rate, burst int64) {
	if s.p.Choose(3) == 0 {
		rate = s.l.limit.rate
	}
	now, counts := s.reading()
	s.logf("%d: setLimit(%v, %d)", now, rate, burst)
	s.m.setLimit(counts, rate, burst)
	s.l.setLimit(now, newLimit("", rate, burst))
	require.Equal(s.t, rate, s.l.Rate())
	require.Equal(s.t, burst, s.l.Burst())
	s.check()
}

// letGo lets time pass until nobody waits.
func (s *limiterTrial) letGo() {
	letGo(s.waiters, s.m.again, func(w *trialWaiter, now int64) {
		s.clock = max(s.clock, now)
		s.logf("%d: the first looks", s.clock)
		s.m.settle(s.clock)
		s.lookAs(w, s.clock, s.clock, nil)
	})
	now, counts := s.clock, max(s.clock, s.l.era.Load().epoch)
	require.Equal(s.t, s.m.take(counts, 0, s.locks(now, 0)), s.l.take(now, 0))
}

// checkSpans checks what a limiter is for, over all that was ever granted: in any span of
// time T it is at most burst + rate × T.
func (s *limiterTrial) checkSpans() {
	log := slices.Clone(s.m.log)
	slices.SortFunc(log, func(a, b *modelEntry) int { return a.when.Cmp(b.when) })
	for i, from := range log {
		events, most := new(big.Rat), new(big.Rat)
		for _, to := range log[i:] {
			events.Add(events, rational(to.n))
			most.Mul(most.Sub(to.when, from.when), s.m.rate)
			if most.Add(most, rational(s.m.burst)); events.Cmp(most) > 0 {
				require.Fail(s.t, "too much", "%v events from %v to %v", events, from.when, to.when)
			}
		}
	}
}

// ---- Window ------------------------------------------------------------------

// FuzzWindow does the same with a Window.
func FuzzWindow(f *testing.F) { testkit.Fuzz(f, fuzzWindow) }

func fuzzWindow(t *testing.T, p *testkit.Program) {
	n, d := int64(p.Choose(12)), int64(1+p.Choose(256))
	if p.Choose(4) == 0 {
		d = []int64{1, int64(time.Minute), math.MaxInt64 - 1, math.MaxInt64}[p.Choose(4)]
	}
	s := &windowTrial{t: t, p: p, w: NewWindow(n, time.Duration(d)), m: &windowModel{n: n, d: big.NewInt(d)}}
	defer s.tell(t)
	s.logf("NewWindow(%d, %d)", n, d)
	for len(*p) > 0 {
		switch p.Choose(8) {
		case 0, 1:
			s.take(int64(p.Choose(2)) * int64(p.Choose(int(n)+2)))
		case 2:
			s.take(1)
		case 3:
			s.join()
		case 4:
			s.look(nil)
		case 5:
			s.look(errGaveUp)
		default:
			s.pass(d)
		}
	}
	s.letGo()
	s.checkSpans()
}

type windowTrial struct {
	story
	t       *testing.T
	p       *testkit.Program
	w       *Window
	m       *windowModel
	clock   int64
	retry   int64
	waiters []*trialWaiter
}

func (s *windowTrial) reading() int64 { return reading(s.p, s.clock) }

func (s *windowTrial) take(n int64) {
	now := s.reading()
	want, got := s.m.take(now, n), s.w.take(now, n)
	s.logf("%d: take(%d) is %+v", now, n, got)
	require.Equal(s.t, want, got)
	s.retry = sum(s.m.seen, int64(got.RetryAfter))
	s.check()
}

func (s *windowTrial) join() {
	now := s.reading()
	w := &trialWaiter{waiter: &waiter{n: 1, deadline: math.MaxInt64, turn: make(chan struct{}, 1)}}
	if s.p.Choose(2) == 0 {
		w.deadline = sum(now, int64(s.p.Choose(256)))
	}
	w.model = &modelEntry{n: 1, deadline: w.deadline}
	s.logf("%d: %d joins, deadline %d", now, len(s.waiters), w.deadline)
	s.waiters = append(s.waiters, w)
	s.m.join(now, w.model)
	s.lookAs(w, now, nil)
}

func (s *windowTrial) look(cause error) {
	if len(s.waiters) == 0 {
		return
	}
	at := s.p.Choose(min(len(s.waiters), 256))
	if w := s.waiters[at]; !w.over {
		now := s.reading()
		s.logf("%d: %d looks (%v)", now, at, cause)
		s.m.giveUp(now, w.model, cause)
		s.lookAs(w, now, cause)
	}
}

func (s *windowTrial) lookAs(w *trialWaiter, now int64, cause error) {
	again := w.look(now, cause, s.w.look)
	s.logf("\t%v, %v: %v", w.over, again, w.err)
	w.sleeps = sum(s.m.seen, int64(again))
	first, due, ok := s.m.again()
	requireAgain(s.t, ok && first == w.model, due-s.m.seen, again)
	s.check()
}

func (s *windowTrial) check() {
	first, due, _ := s.m.again()
	checkLine(s.t, s.waiters, first, due)
}

func (s *windowTrial) pass(d int64) {
	by := int64(0)
	switch s.p.Choose(8) {
	case 0:
		by = 1
	case 1:
		by = int64(s.p.Choose(256))
	case 2, 3:
		if _, due, ok := s.m.again(); ok {
			by = due - s.clock - int64(s.p.Choose(2))
		}
	case 4, 5:
		by = s.retry - s.clock - int64(s.p.Choose(2))
	case 6:
		by = d - int64(s.p.Choose(3))
	case 7:
		by = d / int64(1+s.p.Choose(10))
	}
	s.clock = sum(s.clock, max(by, 0))
	s.logf("%d", s.clock)
}

func (s *windowTrial) letGo() {
	letGo(s.waiters, s.m.again, func(w *trialWaiter, now int64) {
		s.clock = max(s.clock, now)
		s.logf("%d: the first looks", s.clock)
		s.m.settle(s.clock)
		s.lookAs(w, s.clock, nil)
	})
	s.take(0)
}

// checkSpans checks that there are never more than n in any span of d.
func (s *windowTrial) checkSpans() {
	for i := range s.m.events[min(len(s.m.events), int(s.m.n)):] {
		first, last := s.m.events[i], s.m.events[i+int(s.m.n)]
		if new(big.Int).Sub(last, first).Cmp(s.m.d) < 0 {
			require.Fail(s.t, "too much", "%v and %v", first, last)
		}
	}
}

// story is what has happened, for whoever wants to know why a test has failed.
type story []func(*testing.T)

func (s *story) logf(format string, args ...any) {
	*s = append(*s, func(t *testing.T) { t.Logf(format, args...) })
}

func (s *story) tell(t *testing.T) {
	if t.Failed() {
		for _, line := range *s {
			line(t)
		}
	}
}

// ---- Who waits ---------------------------------------------------------------

// trialWaiter is a call that waits, without a goroutine: it looks when the program says.
type trialWaiter struct {
	*waiter
	model  *modelEntry
	sleeps int64 // when it looks again if nobody wakes it
	over   bool  // it knows
}

func (w *trialWaiter) look(now int64, cause error, look func(*waiter, int64, error) (bool, time.Duration)) time.Duration {
	select {
	case <-w.turn:
	default:
	}
	done, again := look(w.waiter, now, cause)
	w.over = done
	return again
}

func requireAgain(t *testing.T, isFirst bool, due int64, again time.Duration) {
	if !isFirst {
		due = int64(forever)
	}
	require.EqualValues(t, due, again)
}

// checkLine compares who waits with the model, and that whoever should know what has
// changed is told.
func checkLine(t *testing.T, waiters []*trialWaiter, first *modelEntry, due int64) {
	for i, w := range waiters {
		if (w.place == nil) != (w.model.state != waiting) {
			require.Fail(t, "the line", "%d: the model says %v", i, w.model.state)
		}
		requireSameError(t, w.model.err, w.err)
		told := len(w.turn) == 1
		switch {
		case w.place == nil && !w.over && !told:
			require.Fail(t, "not told that it is let go", i)
		case w.model == first && w.sleeps > due && !told:
			require.Fail(t, "not told when it is due", i)
		}
	}
}

// letGo has the first of the line look just before it is due, and then, until nobody waits.
func letGo(waiters []*trialWaiter, again func() (*modelEntry, int64, bool), look func(*trialWaiter, int64)) {
	for first, due, ok := again(); ok; first, due, ok = again() {
		for _, w := range waiters {
			if w.model == first {
				look(w, due-1)
				look(w, due)
			}
		}
	}
}

// ---- What a program chooses from ---------------------------------------------

func someRate(p *testkit.Program) Rate {
	switch p.Choose(18) {
	case 0:
		return PerSecond(1)
	case 1:
		return PerSecond(3)
	case 2:
		return PerSecond(7)
	case 3:
		return PerSecond(999_999_937)
	case 4:
		return Per(math.MaxInt64, math.MaxInt64-1)
	case 5:
		return Per(math.MaxInt64-1, math.MaxInt64)
	case 6:
		return Per(math.MaxInt64, 1)
	case 7:
		return Every(1)
	case 8:
		return Every(math.MaxInt64)
	case 9:
		return Per([]int64{7919, 86_399, 999_983, 15_485_863}[p.Choose(4)], 24*time.Hour)
	case 10:
		return Rate{}
	case 11:
		return Unlimited
	case 12:
		return Every(time.Duration(1+p.Choose(256)) * time.Hour)
	case 13:
		return Per(int64(1+p.Choose(256)), time.Duration(1+p.Choose(256))*time.Second)
	case 14: // where a word begins to be too small
		return Per(1<<42+1, time.Duration(1)<<(30+p.Choose(33)))
	}
	return Per(int64(1+p.Choose(256)), time.Duration(1+p.Choose(256)))
}

func someBurst(p *testkit.Program) int64 {
	switch p.Choose(10) {
	case 0:
		return 0
	case 1, 2:
		return 1
	case 3:
		return 2
	case 4:
		return 1 << 40
	case 5:
		return math.MaxInt64
	case 6:
		return 1 << p.Choose(63)
	}
	return int64(p.Choose(20))
}

// number is a number of events.
func (s *limiterTrial) number() int64 {
	switch s.p.Choose(14) {
	case 0:
		return 2
	case 1, 2:
		return int64(s.p.Choose(10))
	case 3:
		return int64(s.p.Choose(256))
	case 4:
		return s.m.burst
	case 5:
		return max(s.m.burst, 1) - 1
	case 6:
		return sum(s.m.burst, 1)
	case 7:
		return s.m.burst/2 + 1
	case 8: // what is left, or one more
		remaining := int64(0)
		if s.m.rate != nil {
			remaining = floor(larger(new(big.Rat), new(big.Rat).Sub(rational(s.m.burst), s.m.debt(s.clock))))
		}
		return sum(remaining, int64(s.p.Choose(2)))
	case 9:
		return math.MaxInt64 - int64(s.p.Choose(2))
	}
	return 1
}

// reading is what a call reads: the clock, or what it was up to an hour ago; and what counts.
func (s *limiterTrial) reading() (now, counts int64) {
	now = reading(s.p, s.clock)
	epoch := s.l.era.Load().epoch
	if epoch > s.clock {
		require.Fail(s.t, "what counts has never been read")
	}
	return now, max(now, epoch)
}

// reading is what the clock says, or said up to an hour ago.
func reading(p *testkit.Program, clock int64) int64 {
	switch p.Choose(8) {
	case 1:
		clock -= int64(p.Choose(10))
	case 2:
		clock -= int64(p.Choose(256)) * int64(time.Hour) / 255
	}
	return max(clock, 0)
}

// due is about when n events can happen.
func (s *limiterTrial) due(now, n int64) int64 {
	if s.m.rate == nil || s.m.rate.Sign() == 0 {
		return now
	}
	return ceiling(larger(rational(now), s.m.due(plus(s.m.full(), n))))
}

// deadline is about that time, or none, or another.
func (s *limiterTrial) deadline(now, n int64) int64 {
	switch s.p.Choose(4) {
	case 0:
		return sum(s.due(now, n), int64(s.p.Choose(3))-1)
	case 1:
		return sum(now, int64(s.p.Choose(256)))
	}
	return math.MaxInt64
}

// pass lets time pass.
func (s *limiterTrial) pass() {
	by := int64(0)
	switch s.p.Choose(16) {
	case 0:
		by = 1
	case 1, 2:
		by = int64(s.p.Choose(256))
	case 3, 4, 5: // until the first is let go, or just before
		if _, due, ok := s.m.again(); ok {
			by = due - s.clock - int64(s.p.Choose(2))
		}
	case 6, 7:
		by = s.retry - s.clock - int64(s.p.Choose(2))
	case 8, 9, 10: // about an event, or more of them
		if due := s.due(s.clock, 1+s.m.burst/2); s.p.Choose(2) == 0 {
			by = due - s.clock
		} else if s.m.rate != nil && s.m.rate.Sign() > 0 {
			by = ceiling(new(big.Rat).Quo(rational(int64(1+s.p.Choose(5))), s.m.rate)) + int64(s.p.Choose(2))
		}
	case 11: // to the end of the era
		by = s.l.era.Load().until - s.clock + int64(s.p.Choose(3)) - 1
	case 12:
		by = int64(1+s.p.Choose(256)) * int64(time.Second)
	case 13:
		by = int64(1+s.p.Choose(256)) * int64(time.Hour)
	case 14:
		by = int64(1+s.p.Choose(50)) * 365 * 24 * int64(time.Hour)
	case 15:
		by = 290 * 365 * 24 * int64(time.Hour)
	}
	s.clock = sum(s.clock, max(by, 0))
	s.logf("%d", s.clock)
}

// sum saturates.
func sum(a, b int64) int64 {
	if b > 0 && a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func requireSameError(t *testing.T, want, got error) {
	if wanted, ok := errors.AsType[*WaitError](want); ok {
		require.Equal(t, wanted, got)
	} else if want != got {
		require.Equal(t, want, got)
	}
}
