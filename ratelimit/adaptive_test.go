package ratelimit_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
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

var errOverload = errors.New("overload")

func TestAdaptiveOptions(t *testing.T) {
	for _, test := range []struct {
		name    string
		options ratelimit.AdaptiveOptions
		limit   int
	}{
		{"the zero value", ratelimit.AdaptiveOptions{}, 10},
		{"Max below the default of Initial", ratelimit.AdaptiveOptions{Max: 3}, 3},
		{"Min above the default of Initial", ratelimit.AdaptiveOptions{Min: 30}, 30},
		{"Min above the default of Max", ratelimit.AdaptiveOptions{Min: 3000}, 3000},
		{"Initial", ratelimit.AdaptiveOptions{Min: 5, Max: 7, Initial: 6}, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := ratelimit.NewAdaptive(test.options)
			require.Equal(t, test.limit, a.Limit())
			require.Len(t, fill(t, a), test.limit)
		})
	}
	for message, o := range map[string]ratelimit.AdaptiveOptions{
		"ratelimit.NewAdaptive: o.Min is -1, want at least 0":      {Min: -1},
		"ratelimit.NewAdaptive: o.Max is -1, want at least 0":      {Max: -1},
		"ratelimit.NewAdaptive: o.Max is 2, want at least 3":       {Min: 3, Max: 2},
		"ratelimit.NewAdaptive: o.Initial is -1, want at least 0":  {Initial: -1},
		"ratelimit.NewAdaptive: o.Initial is 2, want 3 to 1000":    {Min: 3, Initial: 2},
		"ratelimit.NewAdaptive: o.Initial is 1001, want 1 to 1000": {Initial: 1001},
	} {
		require.PanicsWithValue(t, message, func() { ratelimit.NewAdaptive(o) })
	}
	var none context.Context
	require.PanicsWithValue(t, "ratelimit.Adaptive.Acquire: ctx is nil", func() {
		ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{}).Acquire(none)
	})
}

// fill acquires until that would block.
func fill(t *testing.T, a *ratelimit.Adaptive) (dones []func(error)) {
	synctest.Test(t, func(t *testing.T) {
		for {
			ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
			done, err := a.Acquire(ctx)
			cancel()
			if err != nil {
				require.Equal(t, context.DeadlineExceeded, err)
				return
			}
			dones = append(dones, done)
		}
	})
	return dones
}

func TestAdaptiveDeadContextAcquiresNothing(t *testing.T) {
	cause := errors.New("dead from the start")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{})
	for range 100 {
		done, err := a.Acquire(ctx)
		require.Equal(t, cause, err)
		require.Nil(t, done)
	}
	require.Len(t, fill(t, a), 10)
}

func TestAdaptiveFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Max: 1})
		first, err := a.Acquire(t.Context())
		require.NoError(t, err)
		var order []int
		var cancels []context.CancelCauseFunc
		for i := range 6 {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancels = append(cancels, cancel)
			go func() {
				done, err := a.Acquire(ctx)
				if err != nil {
					order = append(order, -i)
					return
				}
				order = append(order, i)
				done(nil)
			}()
			synctest.Wait()
		}
		cancels[3](errOverload)
		synctest.Wait()
		require.Equal(t, []int{-3}, order)
		first(nil)
		synctest.Wait()
		require.Equal(t, []int{-3, 0, 1, 2, 4, 5}, order)
	})
}

func TestAdaptiveDoneTwiceCountsOnce(t *testing.T) {
	a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Max: 2})
	first, err := a.Acquire(t.Context())
	require.NoError(t, err)
	var calls sync.WaitGroup
	for range 10 {
		calls.Go(func() { first(nil) })
	}
	calls.Wait()
	require.Len(t, fill(t, a), 2)
}

func TestAdaptiveCallThatIsNeverDoneKeepsItsPlace(t *testing.T) {
	a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Max: 3})
	_, err := a.Acquire(t.Context())
	require.NoError(t, err)
	dones := fill(t, a)
	require.Len(t, dones, 2)
	for _, done := range dones {
		done(nil)
	}
	require.Len(t, fill(t, a), 2)
}

func TestAdaptiveOverloadPanicsAndNoPlaceIsLost(t *testing.T) {
	a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Max: 2, Overload: func(error) bool { panic("no idea") }})
	for range 5 {
		done, err := a.Acquire(t.Context())
		require.NoError(t, err)
		require.PanicsWithValue(t, "no idea", func() { done(errOverload) })
		done(errOverload) // counts as done
	}
	require.Len(t, fill(t, a), 2)
}

func TestAdaptiveGoexitInOverloadAndNoPlaceIsLost(t *testing.T) {
	a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Max: 2, Overload: func(error) bool { runtime.Goexit(); return true }})
	var calls sync.WaitGroup
	for range 5 {
		calls.Go(func() {
			done, err := a.Acquire(t.Context())
			assert.NoError(t, err)
			done(errOverload)
		})
	}
	calls.Wait()
	require.Len(t, fill(t, a), 2)
}

func TestAdaptiveErrorsLowerTheLimit(t *testing.T) {
	other := errors.New("not found")
	for _, test := range []struct {
		name     string
		overload func(error) bool
		err      error
		lower    bool
	}{
		{"any error", nil, other, true},
		{"a time-out", nil, context.DeadlineExceeded, true},
		{"cancelled", nil, context.Canceled, false},
		{"one that means overload", func(err error) bool { return err == errOverload }, errOverload, true},
		{"one that does not", func(err error) bool { return err == errOverload }, other, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Min: 2, Overload: test.overload})
				for range 1000 {
					done, err := a.Acquire(t.Context())
					require.NoError(t, err)
					time.Sleep(10 * time.Millisecond)
					done(test.err)
				}
				if test.lower {
					require.Equal(t, 2, a.Limit())
				} else {
					require.Equal(t, 10, a.Limit())
				}
			})
		})
	}
}

// server serves so many calls at once, first come, first served, in fake time.
type server struct {
	workers *ratelimit.Semaphore
	random  *rand.Rand
	mu      sync.Mutex
	service time.Duration
}

func newServer(workers int64, service time.Duration) *server {
	return &server{workers: ratelimit.NewSemaphore(workers), random: rand.New(rand.NewPCG(1, 1)), service: service}
}

func (s *server) call(ctx context.Context) error {
	if err := s.workers.Acquire(ctx, 1); err != nil {
		return err
	}
	defer s.workers.Release(1)
	s.mu.Lock()
	service := time.Duration(s.random.ExpFloat64() * float64(s.service))
	s.mu.Unlock()
	select {
	case <-time.After(service):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Everything at once, as in a program: goroutines, a semaphore, a clock.
func TestAdaptiveFindsTheCapacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{})
		s := newServer(30, 20*time.Millisecond)
		ctx, cancel := context.WithCancel(t.Context())
		var clients sync.WaitGroup
		for range 100 {
			clients.Go(func() {
				for {
					done, err := a.Acquire(ctx)
					if err != nil {
						return
					}
					done(s.call(ctx))
				}
			})
		}
		within := func(capacity float64) {
			limits := 0.0
			for range 20 {
				time.Sleep(50 * time.Millisecond)
				limits += float64(a.Limit()) / 20
			}
			require.InEpsilon(t, capacity, limits, 0.15)
		}
		time.Sleep(15 * time.Second)
		within(30)
		s.workers.Resize(15)
		time.Sleep(20 * time.Second)
		within(15)
		s.workers.Resize(30)
		time.Sleep(25 * time.Second)
		within(30)
		cancel()
		clients.Wait()
	})
}

// Whatever becomes of calls, and of those who wait, all places are free in the end.
func TestAdaptiveLosesNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 20
		a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Max: most})
		s := newServer(5, 20*time.Millisecond)
		var inFlight atomic.Int64
		var clients sync.WaitGroup
		for i := range 60 {
			random := rand.New(rand.NewPCG(uint64(i), 2))
			clients.Go(func() {
				for range 200 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(100_000_000)))
					done, err := a.Acquire(ctx)
					if err == nil {
						assert.LessOrEqual(t, inFlight.Add(1), int64(most))
						err = s.call(ctx)
						inFlight.Add(-1)
						done(err)
						if random.IntN(3) == 0 {
							done(nil)
						}
					}
					cancel()
				}
			})
		}
		clients.Wait()
		limit := a.Limit()
		var dones []func(error)
		for range limit {
			done, err := a.Acquire(t.Context())
			require.NoError(t, err)
			dones = append(dones, done)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := a.Acquire(ctx)
		require.Equal(t, context.DeadlineExceeded, err)
		for _, done := range slices.Backward(dones) {
			done(context.Canceled)
		}
	})
}

func BenchmarkAdaptive(b *testing.B) {
	b.Run("one goroutine", func(b *testing.B) {
		a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{})
		ctx := context.Background()
		b.ReportAllocs()
		for b.Loop() {
			done, _ := a.Acquire(ctx)
			done(nil)
		}
	})
	b.Run("all cores", func(b *testing.B) {
		a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Min: 100})
		ctx := context.Background()
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				done, _ := a.Acquire(ctx)
				done(nil)
			}
		})
	})
	b.Run("semaphore alone", func(b *testing.B) {
		s := ratelimit.NewSemaphore(10)
		ctx := context.Background()
		for b.Loop() {
			s.Acquire(ctx, 1)
			s.Release(1)
		}
	})
}

// Calls that begin together and take equally long end together, and then each sees fewer others than were
// in flight. There may also be fewer clients than the limit is at first, and still too many for the server.
func TestAdaptiveWhenCallsEndTogether(t *testing.T) {
	tests := []struct{ workers, clients, initial int }{
		{16, 64, 1}, {16, 64, 100}, {16, 64, 10}, {50, 200, 10}, {50, 200, 200}, {10, 40, 0},
	}
	if testkit.Race {
		tests = tests[:2] // a million calls take it a while
	}
	for _, test := range tests {
		for _, latency := range []time.Duration{10 * time.Millisecond, 100 * time.Millisecond} {
			synctest.Test(t, func(t *testing.T) {
				a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Initial: test.initial})
				server := ratelimit.NewSemaphore(int64(test.workers))
				ctx, cancel := context.WithCancel(t.Context())
				var clients sync.WaitGroup
				for range test.clients {
					clients.Go(func() {
						for {
							done, err := a.Acquire(ctx)
							if err != nil {
								return
							}
							assert.NoError(t, server.Acquire(t.Context(), 1))
							time.Sleep(latency)
							server.Release(1)
							done(nil)
						}
					})
				}
				time.Sleep(40 * time.Second)
				limits := 0.0
				for range 20 {
					time.Sleep(latency)
					limits += float64(a.Limit()) / 20
				}
				assert.InEpsilon(t, test.workers, limits, 0.15, "%+v, calls of %v", test, latency)
				cancel()
				clients.Wait()
			})
		}
	}
}

// As many clients as the server has workers leave nothing to be found out, and nothing to be slowed down.
func TestAdaptiveDoesNotSlowDownWhatFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Initial: 100})
		begin := time.Now()
		var clients sync.WaitGroup
		for range 16 {
			clients.Go(func() {
				for range 1000 {
					done, err := a.Acquire(t.Context())
					assert.NoError(t, err)
					time.Sleep(10 * time.Millisecond)
					done(nil)
				}
			})
		}
		clients.Wait()
		require.Less(t, time.Since(begin), 10*time.Second+300*time.Millisecond)
		require.Equal(t, 100, a.Limit())
	})
}
