package ratelimit_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/ratelimit"
)

// waiters are calls that wait, each on a goroutine of its own, and what became of them: in the
// order in which they returned, with the time since the start.
type waiters struct {
	all   sync.WaitGroup
	begin time.Time

	mu       sync.Mutex
	returned []string
}

func newWaiters() *waiters { return &waiters{begin: time.Now()} }

// add begins a call, and returns when it waits or has returned.
func (w *waiters) add(name string, call func() error) {
	w.all.Go(func() {
		err := call()
		w.mu.Lock()
		defer w.mu.Unlock()
		outcome := fmt.Sprintf("%s %v", name, time.Since(w.begin))
		if err != nil {
			outcome += ": " + err.Error()
		}
		w.returned = append(w.returned, outcome)
	})
	synctest.Wait()
}

// settled returns what has become of those that no longer wait.
func (w *waiters) settled() []string {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.returned)
}

// wait returns what became of all.
func (w *waiters) wait() []string {
	w.all.Wait()
	return w.settled()
}

func TestFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := spent(ratelimit.PerSecond(1), 5)
		calls := newWaiters()
		for i, n := range []int64{3, 1, 5, 1, 2} { // who wants little does not pass who wants much
			calls.add(fmt.Sprintf("%c%d", 'a'+i, n), func() error { return l.WaitN(t.Context(), n) })
		}
		require.Equal(t, []string{"a3 3s", "b1 4s", "c5 9s", "d1 10s", "e2 12s"}, calls.wait())
		require.Zero(t, l.Tokens())
	})
}

func TestAllowPassesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := spent(ratelimit.PerSecond(1), 5)
		calls := newWaiters()
		calls.add("waits", func() error { return l.WaitN(t.Context(), 4) })
		for range 7 {
			require.False(t, l.Allow())
			require.True(t, l.AllowN(0))
			require.True(t, l.Take(0).OK)
			require.NoError(t, l.WaitN(t.Context(), 0), "for nothing there is no line")
			time.Sleep(500 * time.Millisecond)
		}
		d := l.Take(1)
		require.Equal(t, ratelimit.Decision{Limit: 5, RetryAfter: 1500 * time.Millisecond, ResetAfter: 5500 * time.Millisecond}, d)
		require.Equal(t, []string{"waits 4s"}, calls.wait())
		require.False(t, l.Allow())
		time.Sleep(time.Second)
		require.True(t, l.Allow(), "after it, and no later")
	})
}

func TestACancelledWaiterMovesTheLaterOnesUp(t *testing.T) {
	for cancelled, want := range map[string][]string{
		"a": {"a 500ms: context canceled", "b 1s", "c 3s"},
		"b": {"b 500ms: context canceled", "a 2s", "c 4s"},
		"c": {"c 500ms: context canceled", "a 2s", "b 3s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := spent(ratelimit.PerSecond(1), 2)
			events := map[string]int64{"a": 2, "b": 1, "c": 2}
			calls := newWaiters()
			for _, name := range []string{"a", "b", "c"} {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if name == cancelled {
					time.AfterFunc(500*time.Millisecond, cancel)
				}
				calls.add(name, func() error { return l.WaitN(ctx, events[name]) })
			}
			require.Equal(t, want, calls.wait())
			require.Zero(t, l.Tokens())
		})
	}
}

// What was promised stays as it was, and whoever waits behind it is not moved up past it.
func TestReservationsStandInLine(t *testing.T) {
	forget := func(t *testing.T, l *ratelimit.Limiter) {
		r, ok := l.Reserve(2, time.Minute)
		require.True(t, ok)
		require.True(t, r.Cancel())
	}
	for name, c := range map[string]struct {
		between func(*testing.T, *ratelimit.Limiter) // between a, who waits for 2, and b, who waits for 1
		want    []string                             // if a stays, and if a leaves
	}{
		"nothing":          {func(*testing.T, *ratelimit.Limiter) {}, []string{"a 2s, b 3s", "b 1s"}},
		"a reservation":    {func(t *testing.T, l *ratelimit.Limiter) { l.Reserve(2, time.Minute) }, []string{"a 2s, b 5s", "b 5s"}},
		"a cancelled one":  {forget, []string{"a 2s, b 3s", "b 1s"}},
		"one of nothing":   {func(t *testing.T, l *ratelimit.Limiter) { l.Reserve(0, 0) }, []string{"a 2s, b 3s", "b 1s"}},
		"a look":           {func(t *testing.T, l *ratelimit.Limiter) { l.Tokens() }, []string{"a 2s, b 3s", "b 1s"}},
		"a refusal":        {func(t *testing.T, l *ratelimit.Limiter) { l.Allow() }, []string{"a 2s, b 3s", "b 1s"}},
		"a wait for 0":     {func(t *testing.T, l *ratelimit.Limiter) { l.WaitN(t.Context(), 0) }, []string{"a 2s, b 3s", "b 1s"}},
		"the limit as set": {func(t *testing.T, l *ratelimit.Limiter) { l.SetLimit(l.Rate(), l.Burst()) }, []string{"a 2s, b 3s", "b 1s"}},
	} {
		for burst, size := range map[int64]string{5: "a word", 1 << 40: "exact"} {
			for leaves, want := range c.want {
				t.Run(fmt.Sprint(name, ", ", size, ", ", leaves), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						l := spent(ratelimit.PerSecond(1), burst)
						ctx, cancel := context.WithCancel(t.Context())
						defer cancel()
						calls := newWaiters()
						calls.add("a", func() error { return l.WaitN(ctx, 2) })
						c.between(t, l)
						calls.add("b", func() error { return l.Wait(t.Context()) })
						if leaves == 1 {
							cancel()
							want = "a 0s: context canceled, " + want
						}
						require.Equal(t, want, strings.Join(calls.wait(), ", "))
					})
				})
			}
		}
	}
}

// Who waits behind a reservation does not keep it from being cancelled, and gains by it.
func TestCancelMovesUpWhoWaitsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := spent(ratelimit.PerSecond(1), 5)
		r, ok := l.Reserve(3, time.Minute)
		require.True(t, ok)
		calls := newWaiters()
		calls.add("a", func() error { return l.Wait(t.Context()) })
		calls.add("b", func() error { return l.Wait(t.Context()) })
		require.True(t, r.Cancel())
		require.False(t, r.Cancel())
		require.Equal(t, []string{"a 1s", "b 2s"}, calls.wait())
		require.False(t, l.Allow())

		r, ok = l.Reserve(3, time.Minute)
		require.True(t, ok)
		calls.add("c", func() error { return l.Wait(t.Context()) })
		time.Sleep(2 * time.Second)
		require.True(t, r.Cancel())
		require.Equal(t, []string{"a 1s", "b 2s", "c 4s"}, calls.wait(), "at once: it could have been let go before")
		require.EqualValues(t, 1, l.Tokens())
	})
}

func TestDeadlineAtTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := spent(ratelimit.PerSecond(1), 1)
		w := ratelimit.NewWindow(1, time.Second)
		w.Allow()
		for name, wait := range map[string]func(context.Context) error{"Limiter": l.Wait, "Window": w.Wait} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			require.Equal(t, &ratelimit.WaitError{Needed: time.Second}, wait(ctx), name)
		}
		calls := newWaiters()
		for name, wait := range map[string]func(context.Context) error{"Limiter": l.Wait, "Window": w.Wait} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second+1)
			defer cancel()
			calls.add(name, func() error { return wait(ctx) }) // takes the turn that nobody has taken
			ctx, cancel = context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			require.Equal(t, &ratelimit.WaitError{Needed: 2 * time.Second}, wait(ctx), "behind the other")
		}
		require.ElementsMatch(t, []string{"Limiter 1s", "Window 1s"}, calls.wait())
	})
}

func TestSetLimitReTimesWhoWaits(t *testing.T) {
	tooMuch, never := ratelimit.ErrExceedsBurst.Error(), ratelimit.ErrNever.Error()
	for name, c := range map[string]struct {
		rate  ratelimit.Rate
		burst int64
		want  []string
	}{
		"the same":      {ratelimit.PerSecond(1), 5, []string{"a3 3s", "b1 4s", "c5 9s"}},
		"faster":        {ratelimit.PerSecond(2), 5, []string{"a3 2s", "b1 2.5s", "c5 5s"}},
		"slower":        {ratelimit.Every(2 * time.Second), 5, []string{"a3 5s", "b1 7s", "c5 1s: ratelimit: the wait of 16s would outlast the context's deadline"}},
		"smaller burst": {ratelimit.PerSecond(1), 4, []string{"a3 4s", "b1 5s", "c5 1s: " + tooMuch}},
		"larger burst":  {ratelimit.PerSecond(1), 8, []string{"a3 1s", "b1 1s", "c5 6s"}},
		"no burst":      {ratelimit.PerSecond(1), 0, []string{"a3 1s: " + tooMuch, "b1 1s: " + tooMuch, "c5 1s: " + tooMuch}},
		"zero rate":     {ratelimit.Rate{}, 5, []string{"a3 1s: " + never, "b1 1s", "c5 1s: " + never}},
		"unlimited":     {ratelimit.Unlimited, 0, []string{"a3 1s", "b1 1s", "c5 1s"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := spent(ratelimit.PerSecond(1), 5)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				calls := newWaiters()
				calls.add("a3", func() error { return l.WaitN(ctx, 3) })
				calls.add("b1", func() error { return l.Wait(ctx) })
				calls.add("c5", func() error { return l.WaitN(ctx, 5) })
				time.Sleep(time.Second)
				l.SetLimit(c.rate, c.burst)
				require.Equal(t, c.rate, l.Rate())
				require.Equal(t, c.burst, l.Burst())
				require.ElementsMatch(t, c.want, calls.wait())
			})
		})
	}
}

// A reservation keeps its time, and can no longer be given back.
func TestSetLimitKeepsReservations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := spent(ratelimit.PerSecond(1), 5)
		r, ok := l.Reserve(5, time.Minute)
		require.True(t, ok)
		l.SetLimit(ratelimit.PerSecond(10), 5)
		require.Equal(t, 5*time.Second, r.Delay())
		require.Equal(t, time.Second, l.Take(0).ResetAfter, "ten are owed")
		require.False(t, r.Cancel())
		require.Equal(t, time.Second, l.Take(0).ResetAfter)
	})
}

// Ten thousand are let go exactly on schedule, and in their order.
func TestTenThousandWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 10_000
		l := spent(ratelimit.PerSecond(1000), 1)
		begin := time.Now()
		var waiters sync.WaitGroup
		for i := range n {
			waiters.Go(func() {
				assert.NoError(t, l.Wait(t.Context()))
				assert.Equal(t, time.Duration(i+1)*time.Millisecond, time.Since(begin))
			})
			synctest.Wait()
		}
		waiters.Wait()
		require.Equal(t, n*time.Millisecond, time.Since(begin))
	})
}
