package ratelimit_test

import (
	"context"
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/testkit"
	"github.com/braidgo/braid/ratelimit"
)

// Each of these broke a well-known library. The names tell which, and the issue on GitHub
// or the Go tracker; "measured" is a fault without an issue. That a late clock gains nothing
// is shown by the tests that have a clock of their own.
func TestTraps(t *testing.T) {
	for _, trap := range []struct {
		name string
		test func(*testing.T)
	}{
		{"x/time/rate, measured: AllowN(-5) mints tokens", func(t *testing.T) {
			l := spent(ratelimit.Every(time.Hour), 3)
			w := ratelimit.NewWindow(1, time.Hour)
			w.Allow()
			s := ratelimit.NewSemaphore(1)
			s.TryAcquire(1)
			k := ratelimit.NewKeyed[int](ratelimit.Every(time.Hour), 1, 1)
			k.Allow(1)
			for _, call := range []func(){
				func() { l.AllowN(-5) },
				func() { l.Take(-5) },
				func() { l.WaitN(t.Context(), -5) },
				func() { l.Reserve(-5, time.Hour) },
				func() { w.Take(-5) },
				func() { k.Take(1, -5) },
				func() { s.TryAcquire(-5) },
				func() { s.Acquire(t.Context(), -5) },
				func() { s.Release(-5) },
			} {
				require.Panics(t, call)
			}
			require.False(t, l.Allow())
			require.False(t, w.Allow())
			require.False(t, k.Allow(1))
			require.False(t, s.TryAcquire(1))
		}},
		{"x/time/rate, measured: a NaN rate admits everything", func(t *testing.T) {
			var notANumber ratelimit.Rate // there is no such Rate: the nearest is the one that was never set
			l := ratelimit.New(notANumber, 2)
			require.True(t, l.AllowN(2))
			time.Sleep(100 * 8760 * time.Hour)
			require.False(t, l.Allow())
		}},
		{"x/time/rate, measured: a zero rate reserves 292 years ahead", func(t *testing.T) {
			l := ratelimit.New(ratelimit.Rate{}, 2)
			require.NoError(t, l.Wait(t.Context()))
			r, ok := l.Reserve(1, 0) // what is there can be used
			require.True(t, ok)
			require.Zero(t, r.Delay())

			_, ok = l.Reserve(1, math.MaxInt64)
			require.False(t, ok)
			require.Equal(t, ratelimit.ErrNever, l.Wait(t.Context()))
			require.Equal(t, ratelimit.ErrExceedsBurst, l.WaitN(t.Context(), 3))
			require.Equal(t, ratelimit.Decision{Limit: 2, RetryAfter: math.MaxInt64, ResetAfter: math.MaxInt64}, l.Take(1))
			require.True(t, r.Cancel())
			require.NoError(t, l.Wait(t.Context()), "what was given back can be used")
		}},
		{"go#54541: the deadline error is not context.DeadlineExceeded", func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			w := ratelimit.NewWindow(1, time.Hour)
			w.Allow()
			for _, err := range []error{spent(ratelimit.Every(time.Hour), 1).Wait(ctx), w.Wait(ctx)} {
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.NotErrorIs(t, err, context.Canceled)
				require.Equal(t, &ratelimit.WaitError{Needed: time.Hour}, err)
				require.EqualError(t, err, "ratelimit: the wait of 1h0m0s would outlast the context's deadline")
			}
			require.NoError(t, ctx.Err(), "it was not waited for")
		}},
		{"go#56924 and go#69419: Cancel under-restores", func(t *testing.T) {
			l := ratelimit.New(ratelimit.PerSecond(1), 10)
			all, ok := l.Reserve(10, 0)
			require.True(t, ok)
			ahead, ok := l.Reserve(5, time.Minute)
			require.True(t, ok)
			require.Equal(t, 5*time.Second, ahead.Delay())
			require.False(t, all.Cancel(), "ahead was granted after it")
			require.Equal(t, 5*time.Second, ahead.Delay(), "nothing was changed by that")
			require.True(t, ahead.Cancel())
			require.False(t, ahead.Cancel(), "once is enough")
			require.Zero(t, l.Tokens())
			require.True(t, all.Cancel())
			require.False(t, all.Cancel())
			require.False(t, ahead.Cancel())
			require.EqualValues(t, 10, l.Tokens(), "all ten are back, and no more")
			require.False(t, l.AllowN(11))
			require.True(t, l.AllowN(10))
			require.False(t, l.Allow())
		}},
		{"Cancel does not take from others what was given back already", func(t *testing.T) {
			l := ratelimit.New(ratelimit.PerSecond(1), 10)
			mine, _ := l.Reserve(3, 0)
			require.True(t, mine.Cancel())
			theirs, _ := l.Reserve(3, 0) // which looks like mine
			require.False(t, mine.Cancel())
			require.EqualValues(t, 7, l.Tokens())
			require.True(t, theirs.Cancel())
		}},
		{"Cancel after the time gives back what is not refilled by itself", func(t *testing.T) {
			l := ratelimit.New(ratelimit.PerSecond(1), 10)
			r, _ := l.Reserve(10, 0)
			time.Sleep(4 * time.Second)
			require.EqualValues(t, 4, l.Tokens())
			require.True(t, r.Cancel())
			require.EqualValues(t, 10, l.Tokens())
		}},
		{"failsafe-go, measured: 50 cancelled acquires still delay the next by 5.1 s", func(t *testing.T) {
			l := spent(ratelimit.Every(100*time.Millisecond), 1)
			w := ratelimit.NewWindow(1, 100*time.Millisecond)
			w.Allow()
			for name, wait := range map[string]func(context.Context) error{"Limiter": l.Wait, "Window": w.Wait} {
				ctx, cancel := context.WithCancelCause(t.Context())
				cause := errors.New("nobody wants it any more")
				var waiters sync.WaitGroup
				for range 50 {
					waiters.Go(func() { assert.Equal(t, cause, wait(ctx), name) })
				}
				synctest.Wait()
				cancel(cause)
				waiters.Wait()
			}
			begin := time.Now()
			for range 50 { // reserved and cancelled, the last first, costs nothing either
				r, ok := l.Reserve(1, time.Hour)
				require.True(t, ok)
				require.True(t, r.Cancel())
			}
			require.NoError(t, l.Wait(t.Context()))
			require.NoError(t, w.Wait(t.Context()))
			require.Equal(t, 100*time.Millisecond, time.Since(begin))
		}},
		{"failsafe-go, measured: 2e9 per second divides by zero", func(t *testing.T) {
			for _, rate := range []ratelimit.Rate{ratelimit.PerSecond(2e9), ratelimit.Per(math.MaxInt64, 1), ratelimit.Per(math.MaxInt64, math.MaxInt64-1)} {
				l := ratelimit.New(rate, 2)
				require.True(t, l.AllowN(2))
				require.False(t, l.Allow())
				time.Sleep(time.Nanosecond)
				require.True(t, l.Allow())
			}
			l := spent(ratelimit.PerSecond(2e9), 1e9)
			time.Sleep(time.Second / 4)
			require.EqualValues(t, 5e8, l.Tokens())
		}},
		{"uber#90: WithoutSlack stopped limiting", func(t *testing.T) {
			l := ratelimit.New(ratelimit.PerSecond(100), 1)
			time.Sleep(time.Hour) // a rest is worth one event, and not more
			begin := time.Now()
			for i := range 100 {
				require.NoError(t, l.Wait(t.Context()))
				require.Equal(t, time.Duration(i)*10*time.Millisecond, time.Since(begin))
			}
		}},
		{"governor#251: the tolerance is the capacity minus one cell", func(t *testing.T) {
			l := ratelimit.New(ratelimit.PerSecond(3), 4)
			for range 4 {
				require.True(t, l.Allow())
			}
			require.False(t, l.Allow(), "four are the burst, not five")
			time.Sleep(333_333_333)
			require.False(t, l.Allow())
			time.Sleep(time.Nanosecond)
			require.True(t, l.Allow(), "and then one in a third of a second, rounded up to what a clock shows")
			require.False(t, l.Allow())
			time.Sleep(666_666_666) // a whole second since the burst: of three events one is used
			require.True(t, l.AllowN(2), "no rounding adds up")
			require.False(t, l.Allow())
		}},
		{"redis-cell#54: a rate increase must not deny", func(t *testing.T) {
			l := ratelimit.New(ratelimit.Every(time.Hour), 10)
			l.AllowN(9)
			l.SetLimit(ratelimit.PerSecond(1), 10) // the debt is nine events, no longer nine hours
			require.EqualValues(t, 1, l.Tokens())
			require.True(t, l.Allow())
			time.Sleep(time.Second)
			require.True(t, l.Allow())

			l = ratelimit.New(ratelimit.Every(time.Hour), 10)
			l.AllowN(3)
			l.SetLimit(ratelimit.Every(time.Hour), 5)
			require.EqualValues(t, 2, l.Tokens())
			l.SetLimit(ratelimit.Every(time.Hour), 2)
			require.Zero(t, l.Tokens(), "three are owed, of a burst of two")
			require.Equal(t, 2*time.Hour, l.Take(1).RetryAfter)
		}},
		{"redis-cell#54: what is owed is kept, however often the limit is set", func(t *testing.T) {
			l := ratelimit.New(ratelimit.Every(time.Hour), 10)
			l.AllowN(3)
			for range 60 {
				time.Sleep(time.Minute)
				l.SetLimit(ratelimit.Every(time.Hour), 10)
			}
			require.Equal(t, 2*time.Hour, l.Take(0).ResetAfter)
			l.SetLimit(ratelimit.PerSecond(3), 10)
			require.Equal(t, 666666667*time.Nanosecond, l.Take(0).ResetAfter)
		}},
		{"go#63615: a semaphore is granted on a dead context", func(t *testing.T) {
			cause := errors.New("too late")
			for range 100 { // a select chooses at random
				s := ratelimit.NewSemaphore(1)
				require.True(t, s.TryAcquire(1))
				ctx, cancel := context.WithCancelCause(t.Context())
				result := make(chan error, 1)
				go func() { result <- s.Acquire(ctx, 1) }()
				synctest.Wait()
				cancel(cause)
				s.Release(1)
				require.Equal(t, cause, <-result)
				require.Equal(t, cause, s.Acquire(ctx, 1), "free, and the context dead")
				require.True(t, s.TryAcquire(1), "nothing is lost")
			}
		}},
	} {
		t.Run(trap.name, func(t *testing.T) { synctest.Test(t, trap.test) })
	}
}

// stuck has every function that can block wait for something that does not come, so that
// only its context can end it. untouched fails if one of them has taken something.
func stuck(t *testing.T) (run map[string]func(context.Context) error, untouched func()) {
	const never = 10_000 * time.Hour
	begin := time.Now()
	l := spent(ratelimit.Every(never), 10)
	w := ratelimit.NewWindow(10, never)
	w.Take(10)
	s := ratelimit.NewSemaphore(3)
	s.TryAcquire(3)
	k := ratelimit.NewKeyed[string](ratelimit.Every(never), 10, 1)
	k.Take("known", 10)
	k.Take("unknown", 10)
	var written strings.Builder
	run = map[string]func(context.Context) error{
		"Limiter.Wait":      l.Wait,
		"Limiter.WaitN":     func(ctx context.Context) error { return l.WaitN(ctx, 7) },
		"Window.Wait":       w.Wait,
		"Semaphore.Acquire": func(ctx context.Context) error { return s.Acquire(ctx, 2) },

		"Keyed.Wait":                  func(ctx context.Context) error { return k.Wait(ctx, "known") },
		"Keyed.Wait, without a place": func(ctx context.Context) error { return k.Wait(ctx, "unknown") },

		"Reader.Read": func(ctx context.Context) error {
			_, err := ratelimit.NewReader(ctx, strings.NewReader("text"), l).Read(make([]byte, 4))
			return err
		},
		"Writer.Write": func(ctx context.Context) error {
			_, err := ratelimit.NewWriter(ctx, &written, l).Write([]byte("text"))
			return err
		},
	}
	return run, func() {
		require.Equal(t, 10*never, l.Take(0).ResetAfter+time.Since(begin))
		require.Equal(t, never, w.Take(0).ResetAfter+time.Since(begin))
		s.Release(3) // nobody else has acquired anything, and nobody waits
		require.True(t, s.TryAcquire(3))
		require.False(t, s.TryAcquire(1))
		for _, key := range []string{"known", "unknown"} {
			require.Equal(t, 10*never, k.Take(key, 0).ResetAfter+time.Since(begin))
		}
		require.Zero(t, written.Len())
	}
}

// eachStuck tests each of them in a bubble.
func eachStuck(t *testing.T, test func(t *testing.T, run func(context.Context) error)) {
	names, _ := stuck(t)
	for name := range names {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				run, untouched := stuck(t)
				test(t, run[name])
				untouched()
			})
		})
	}
}

func TestContextDeadBeforeTheCall(t *testing.T) {
	cause := errors.New("dead from the start")
	eachStuck(t, func(t *testing.T, run func(context.Context) error) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		require.Equal(t, cause, run(ctx))
		require.Equal(t, cause, run(testkit.Foreign(ctx)))
	})

	// Nor does it acquire what is there, or nothing at all.
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	l := ratelimit.New(ratelimit.Unlimited, 1)
	s := ratelimit.NewSemaphore(1)
	for name, run := range map[string]func() error{
		"Limiter.Wait":      func() error { return l.Wait(ctx) },
		"Limiter.WaitN":     func() error { return l.WaitN(ctx, 0) },
		"Window.Wait":       func() error { return ratelimit.NewWindow(1, 1).Wait(ctx) },
		"Semaphore.Acquire": func() error { return errors.Join(s.Acquire(ctx, 1), s.Acquire(ctx, 0)) },
		"Keyed.Wait":        func() error { return ratelimit.NewKeyed[int](ratelimit.Unlimited, 1, 1).Wait(ctx, 1) },
		"Reader.Read":       func() error { _, err := ratelimit.NewReader(ctx, strings.NewReader("text"), l).Read(nil); return err },
		"Writer.Write":      func() error { _, err := ratelimit.NewWriter(ctx, new(strings.Builder), l).Write(nil); return err },
	} {
		require.ErrorIs(t, run(), cause, name)
	}
}

func TestContextDiesMidway(t *testing.T) {
	eachStuck(t, func(t *testing.T, run func(context.Context) error) {
		cause := errors.New("that is enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		begin := time.Now()
		require.Equal(t, cause, run(ctx))
		require.Equal(t, time.Second, time.Since(begin))
		require.Equal(t, cause, run(ctx), "used again after that")
	})
}

// Contexts are never compared, and one of a type that nobody has seen before works like
// any other; what watches it has ended as well.
func TestForeignContextThatCannotBeCompared(t *testing.T) {
	eachStuck(t, func(t *testing.T, run func(context.Context) error) {
		cause := errors.New("a cause that only a context of the package's own tells")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		require.Equal(t, cause, run(testkit.Foreign(ctx)))
	})
}

// What has to wait past its deadline fails at once. Only a Semaphore cannot know that it
// has to.
func TestDeadlineThatCannotBeMet(t *testing.T) {
	eachStuck(t, func(t *testing.T, run func(context.Context) error) {
		semaphore := strings.HasSuffix(t.Name(), "Semaphore.Acquire")
		for _, deadline := range []func(context.Context) (context.Context, context.CancelFunc){
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			},
			func(ctx context.Context) (context.Context, context.CancelFunc) { // of the calendar, not of the clock
				return context.WithDeadline(ctx, time.Now().Round(0).Add(time.Second))
			},
		} {
			ctx, cancel := deadline(t.Context())
			defer cancel()
			begin := time.Now()
			err := run(testkit.Foreign(ctx))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			if semaphore {
				require.Equal(t, time.Second, time.Since(begin))
				continue
			}
			require.IsType(t, new(ratelimit.WaitError), err)
			require.True(t, err.(*ratelimit.WaitError).Timeout(), "as net/http asks")
			require.Zero(t, time.Since(begin))
		}
	})
}

// Whoever waits is the only goroutine that does. That none is left, a bubble sees by itself.
func TestNoGoroutines(t *testing.T) {
	eachStuck(t, func(t *testing.T, run func(context.Context) error) {
		ctx, cancel := context.WithCancel(t.Context())
		foreign := testkit.Foreign(ctx) // a child of it would have a goroutine
		var waiters sync.WaitGroup
		for range 10 {
			waiters.Go(func() { assert.Equal(t, context.Canceled, run(foreign)) })
		}
		synctest.Wait()
		dump := make([]byte, 1<<20)
		goroutines := string(dump[:runtime.Stack(dump, true)])
		require.GreaterOrEqual(t, strings.Count(goroutines, "created by sync.(*WaitGroup).Go"), 10, "those that wait")
		require.NotContains(t, goroutines, "created by github.com/braidgo/braid/ratelimit.")
		require.NotContains(t, goroutines, "created by context.")
		cancel()
		waiters.Wait()
	})
}

func TestWhatIsAdmittedAtOnceAllocatesNothing(t *testing.T) {
	ctx := t.Context()
	s := ratelimit.NewSemaphore(1)
	for _, limiter := range admits {
		l := limiter.make()
		r, w := ratelimit.NewReader(ctx, zeros{}, l), ratelimit.NewWriter(ctx, io.Discard, l)
		p := make([]byte, 10)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			l.Allow()
			l.Take(3)
			l.WaitN(ctx, 2)
			r.Read(p)
			w.Write(p)
			s.Acquire(ctx, 1)
			s.TryAcquire(1)
			s.Release(1)
		}), limiter.name)
	}
}

// Everything at once, from many goroutines and with a rate that refills nothing, so that it must
// come out even in the end: what was granted and not given back is what is missing.
func TestConcurrentUse(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	for name, rate := range map[string]ratelimit.Rate{
		"a word": {},
		"exact":  ratelimit.Every(math.MaxInt64),
	} {
		t.Run(name, func(t *testing.T) {
			const goroutines, rounds, burst = 8, 2000, 15_000 // not enough for all
			l := ratelimit.New(rate, burst)
			var granted atomic.Int64
			var users sync.WaitGroup
			for i := range goroutines {
				users.Go(func() {
					for round := range rounds {
						switch (round + i) % 8 {
						case 0, 1:
							if l.AllowN(2) {
								granted.Add(2)
							}
						case 2:
							if l.Take(3).OK {
								granted.Add(3)
							}
						case 3:
							if l.WaitN(ctx, 2) == nil {
								granted.Add(2)
							}
						case 4, 5:
							if r, ok := l.Reserve(5, time.Hour); ok && !r.Cancel() {
								granted.Add(5)
							}
						case 6:
							l.Tokens()
						default:
							l.SetLimit(rate, burst-int64(round%2))
						}
					}
				})
			}
			users.Wait()
			l.SetLimit(rate, burst)
			require.Equal(t, burst-granted.Load(), l.Tokens())
		})
	}
}
