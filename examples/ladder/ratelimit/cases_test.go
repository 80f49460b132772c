package ratelimit

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// The hostile cases, and what becomes of ticker, per call, by hand, xtime and braid.
var cases = []matrix.Case[func(perSecond, burst int) Limiter]{
	{Name: "one event after a rest", Asks: "Is it admitted at once?",
		Run: oneEvent, Want: "ok ok ok ok ok"},
	{Name: "a burst after a rest", Asks: "Is all of it admitted at once, and not one more?",
		Run: burstAfterRest, Want: "wrong wrong ok ok ok"},
	{Name: "a thousand ask at once", Asks: "Do all together get one burst?",
		Run: thousandAsk, Want: "wrong wrong ok ok ok"},
	{Name: "twenty wait", Asks: "Are they let go evenly, one at a time?",
		Run: evenly, Want: "ok wrong wrong ok ok"},
	{Name: "one asks all the time", Asks: "Is it never more than burst + rate × T, whenever T begins?",
		Run: anySpan, Want: "ok wrong wrong ok ok"},
	{Name: "a million at 3 per second", Asks: "Is it exact, though 1/3 s is no whole number of ns?",
		Run: millionEvents, Want: "wrong wrong wrong ok ok"},
	{Name: "too many are refused", Asks: "Does a refusal cost nothing?",
		Run: refused, Want: "wrong wrong ok ok ok"},
	{Name: "a negative number of events", Asks: "Does it add nothing to what may happen?",
		Run: negative, Want: "ok wrong ok wrong ok"},
	{Name: "a caller whose clock is late", Asks: "Does nobody get more by it?",
		Run: lateClock, Want: "ok wrong ok wrong ok"},
	{Name: "first come, first served", Asks: "Is nobody passed, not even by who does not wait?",
		Run: firstCome, Want: "ok wrong wrong ok ok"},
	{Name: "context dead before the call", Asks: "Is the cause returned, and nothing taken?",
		Run: deadContext, Want: "wrong ok ok ok ok"},
	{Name: "context dies while it waits", Asks: "Is the cause returned at once?",
		Run: dyingContext, Want: "ok wrong ok ok ok"},
	{Name: "a deadline that comes too soon", Asks: "Does it fail at once, and take nothing?",
		Run: deadlineTooSoon, Want: "wrong wrong wrong ok ok"},
	{Name: "the error of that", Asks: "Is it a context.DeadlineExceeded?",
		Run: deadlineError, Want: "ok wrong ok wrong ok"},
	{Name: "one in the middle gives up", Asks: "Do those behind it move up?",
		Run: oneGivesUp, Want: "ok wrong ok wrong ok"},
	{Name: "fifty give up", Asks: "Is the next one admitted as if they had never come?",
		Run: fiftyGiveUp, Want: "ok wrong ok wrong ok"},
	{Name: "the rate changes", Asks: "Does who waits get a new time?",
		Run: rateChanges, Want: "ok wrong wrong wrong ok"},
	{Name: "a thousand that nobody uses", Asks: "Is there no goroutine but those who wait?",
		Run: idle, Want: "ok ok ok ok ok"},
}

// admitted asks until it is refused, and returns how often it was not.
func admitted(limiter Limiter) (n int) {
	const enough = 1000
	for n < enough && limiter.AllowN(1) {
		n++
	}
	return n
}

func oneEvent(t *testing.T, newLimiter func(int, int) Limiter) {
	limiter := newLimiter(10, 1)
	time.Sleep(time.Hour)
	start := time.Now()
	require.NoError(t, limiter.Wait(t.Context()))
	require.Zero(t, time.Since(start))
}

func burstAfterRest(t *testing.T, newLimiter func(int, int) Limiter) {
	limiter := newLimiter(10, 5)
	for range 3 {
		time.Sleep(time.Hour)
		require.Equal(t, 5, admitted(limiter))
	}
}

func thousandAsk(t *testing.T, newLimiter func(int, int) Limiter) {
	limiter := newLimiter(10, 5)
	time.Sleep(time.Hour)
	var callers sync.WaitGroup
	var events atomic.Int64
	for range 1000 {
		callers.Go(func() {
			if limiter.AllowN(1) {
				events.Add(1)
			}
		})
	}
	callers.Wait()
	require.EqualValues(t, 5, events.Load())
}

// spent returns a limiter that has rested and has admitted a burst: the next event is one
// interval away.
func spent(newLimiter func(int, int) Limiter, perSecond, burst int) Limiter {
	limiter := newLimiter(perSecond, burst)
	time.Sleep(time.Hour)
	admitted(limiter)
	return limiter
}

// A line is callers that wait for a limiter, in the order in which they have come.
type line struct {
	limiter Limiter
	start   time.Time
	callers sync.WaitGroup
	mu      sync.Mutex
	order   []int           // of those that were admitted
	when    []time.Duration // after start
}

func newLine(limiter Limiter) *line { return &line{limiter: limiter, start: time.Now()} }

// join returns when the caller waits.
func (l *line) join(ctx context.Context, caller int) {
	l.callers.Go(func() {
		err := l.limiter.Wait(ctx)
		l.mu.Lock()
		defer l.mu.Unlock()
		if err == nil {
			l.order = append(l.order, caller)
			l.when = append(l.when, time.Since(l.start))
		}
	})
	synctest.Wait()
}

func evenly(t *testing.T, newLimiter func(int, int) Limiter) {
	l := newLine(spent(newLimiter, 10, 5))
	for caller := range 20 {
		l.join(t.Context(), caller)
	}
	l.callers.Wait()
	for i, when := range l.when {
		require.InDelta(t, time.Duration(i+1)*time.Second/10, when, float64(time.Microsecond), "event %d", i)
	}
}

func anySpan(t *testing.T, newLimiter func(int, int) Limiter) {
	const perSecond, burst = 10, 5
	limiter := newLimiter(perSecond, burst)
	time.Sleep(time.Hour - 10*time.Millisecond)
	start := time.Now()
	var when []time.Duration
	for range 3000 {
		if limiter.AllowN(1) {
			when = append(when, time.Since(start))
		}
		time.Sleep(time.Millisecond)
	}
	for first := range when {
		for last := range when[first:] {
			span := when[first+last] - when[first]
			require.LessOrEqual(t, float64(last+1), burst+perSecond*span.Seconds(), "events in %v", span)
		}
	}
}

func millionEvents(t *testing.T, newLimiter func(int, int) Limiter) {
	seconds := matrix.Many(1_000_000) / 3
	limiter := newLimiter(3, 1)
	require.NoError(t, limiter.Wait(t.Context()))
	start := time.Now()
	for range 3 * seconds {
		require.NoError(t, limiter.Wait(t.Context()))
	}
	require.Equal(t, time.Duration(seconds)*time.Second, time.Since(start))
}

func refused(t *testing.T, newLimiter func(int, int) Limiter) {
	limiter := newLimiter(10, 5)
	time.Sleep(time.Hour)
	require.True(t, limiter.AllowN(2))
	require.False(t, limiter.AllowN(5))
	require.False(t, limiter.AllowN(4))
	require.True(t, limiter.AllowN(3))
	require.False(t, limiter.AllowN(1))
}

func negative(t *testing.T, newLimiter func(int, int) Limiter) {
	limiter := spent(newLimiter, 10, 5)
	func() {
		defer func() { recover() }() // a panic is as good
		limiter.AllowN(-5)
	}()
	require.Zero(t, admitted(limiter))
}

func lateClock(t *testing.T, newLimiter func(int, int) Limiter) {
	const burst = 5
	limiter := newLimiter(10, burst)
	ask := func(time.Time) bool { return limiter.AllowN(1) }
	if timed, ok := limiter.(Timed); ok {
		ask = func(now time.Time) bool { return timed.AllowAt(now, 1) }
	}
	time.Sleep(time.Hour)
	late := time.Now()
	time.Sleep(time.Second) // whoever has read that is held up
	events := 0
	for range 100 {
		if ask(late) {
			events++
		}
		if ask(time.Now()) {
			events++
		}
	}
	require.LessOrEqual(t, events, burst)
}

func firstCome(t *testing.T, newLimiter func(int, int) Limiter) {
	l := newLine(spent(newLimiter, 10, 1))
	var want []int
	for caller := range 20 {
		l.join(t.Context(), caller)
		want = append(want, caller)
	}
	for range 200 { // also when it is somebody's turn
		time.Sleep(10 * time.Millisecond)
		assert.False(t, l.limiter.AllowN(1), "somebody has passed those who wait")
	}
	l.callers.Wait()
	require.Equal(t, want, l.order)
}

func deadContext(t *testing.T, newLimiter func(int, int) Limiter) {
	limiter := newLimiter(10, 1)
	time.Sleep(time.Hour)
	ctx, cause := matrix.CallerLeaves(t, 0)
	for range 50 { // it is chance which case a select takes, when there are two
		require.ErrorIs(t, limiter.Wait(ctx), cause)
	}
	start := time.Now()
	require.NoError(t, limiter.Wait(t.Context()))
	require.Zero(t, time.Since(start), "something was taken")
}

func dyingContext(t *testing.T, newLimiter func(int, int) Limiter) {
	limiter := spent(newLimiter, 1, 1)
	ctx, cause := matrix.CallerLeaves(t, time.Second/2)
	start := time.Now()
	require.ErrorIs(t, limiter.Wait(ctx), cause)
	require.Equal(t, time.Second/2, time.Since(start))
}

func deadlineTooSoon(t *testing.T, newLimiter func(int, int) Limiter) {
	limiter := spent(newLimiter, 1, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
	defer cancel()
	start := time.Now()
	require.Error(t, limiter.Wait(ctx))
	require.Zero(t, time.Since(start), "it took a while to fail")
	require.NoError(t, limiter.Wait(t.Context()))
	require.Equal(t, time.Second, time.Since(start), "something was taken")
}

func deadlineError(t *testing.T, newLimiter func(int, int) Limiter) {
	limiter := spent(newLimiter, 1, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
	defer cancel()
	require.ErrorIs(t, limiter.Wait(ctx), context.DeadlineExceeded)
}

func oneGivesUp(t *testing.T, newLimiter func(int, int) Limiter) {
	l := newLine(spent(newLimiter, 1, 1))
	impatient, _ := matrix.CallerLeaves(t, time.Second/2)
	l.join(t.Context(), 0)
	l.join(impatient, 1)
	l.join(t.Context(), 2)
	l.callers.Wait()
	require.Equal(t, []time.Duration{time.Second, 2 * time.Second}, l.when)
}

func fiftyGiveUp(t *testing.T, newLimiter func(int, int) Limiter) {
	l := newLine(spent(newLimiter, 10, 1))
	impatient, _ := matrix.CallerLeaves(t, time.Second/20)
	for caller := range 50 {
		l.join(impatient, caller)
	}
	l.callers.Wait()
	l.join(t.Context(), 50)
	l.callers.Wait()
	require.Equal(t, []int{50}, l.order)
	require.Equal(t, []time.Duration{time.Second / 10}, l.when)
}

// rateChanges has somebody wait at one rate for half of the time, and then at the other. What is
// owed then, half an event, may be rounded up to a whole one.
func rateChanges(t *testing.T, newLimiter func(int, int) Limiter) {
	for _, change := range []struct{ from, to int }{{1, 10}, {10, 1}} {
		before, after := time.Second/time.Duration(change.from), time.Second/time.Duration(change.to)
		l := newLine(spent(newLimiter, change.from, 1))
		l.join(t.Context(), 0)
		time.Sleep(before / 2)
		l.limiter.SetRate(change.to)
		l.callers.Wait()
		require.GreaterOrEqual(t, l.when[0], before/2+after/2)
		require.LessOrEqual(t, l.when[0], before/2+after)
	}
}

func idle(t *testing.T, newLimiter func(int, int) Limiter) {
	const callers, limiters = 10, 1000
	before := runtime.NumGoroutine()
	for range limiters {
		newLimiter(10, 5).AllowN(1)
	}
	l := newLine(spent(newLimiter, 10, 5))
	for caller := range callers {
		l.join(t.Context(), caller)
	}
	require.LessOrEqual(t, runtime.NumGoroutine()-before, callers+2, "a goroutine of the program's may come to it")
	l.callers.Wait()
}
