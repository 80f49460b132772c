package ratelimit

import (
	"cmp"
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// event is something that was admitted: n events at a time that counts, which lies between
// two readings of the clock.
type event struct{ n, earliest, latest int64 }

// recorder is one goroutine's.
type recorder struct {
	l      *Limiter
	random *rand.Rand
	events []event
}

func (r *recorder) record(n, earliest, latest int64) {
	r.events = append(r.events, event{n, earliest, latest})
}

func (r *recorder) allow() {
	n, now := r.random.Int64N(4), r.l.now()
	if r.l.allow(now, n) {
		r.record(n, now, r.l.now()) // when an era has begun meanwhile, it is that time which counts
	}
}

func (r *recorder) take() {
	n, now := r.random.Int64N(4), r.l.now()
	if r.l.take(now, n).OK {
		r.record(n, now, r.l.now())
	}
}

func (r *recorder) wait(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.random.Int64N(int64(time.Millisecond))))
	defer cancel()
	n, now := 1+r.random.Int64N(4), r.l.now()
	err := r.l.WaitN(ctx, n)
	if err == nil {
		r.record(n, now, r.l.now())
		return
	}
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

func (r *recorder) reserve(t *testing.T) {
	n := 1 + r.random.Int64N(4)
	promised, ok := r.l.Reserve(n, time.Duration(r.random.Int64N(int64(time.Millisecond))))
	if !ok {
		return
	}
	if r.random.IntN(2) == 0 {
		runtime.Gosched()
		if promised.Cancel() {
			assert.False(t, promised.Cancel())
			return
		}
	}
	r.record(n, promised.at-1, promised.at) // the fraction of a nanosecond that was promised is rounded up
}

// Goroutines that do all there is to do, by the real clock, never get more than the limit,
// whatever the order in which they come: in any span between two times, what certainly
// happened within it is at most burst + rate × span.
func TestNeverMoreThanTheLimit(t *testing.T) {
	rates := map[string]Rate{
		"a word":             PerSecond(100_000),
		"eras of 4 ms":       Per(1<<40+15, 1<<40*10_000),
		"too large a number": Per(1<<44+1, 1<<44*10_000),
	}
	for name, rate := range rates {
		t.Run(name, func(t *testing.T) {
			for _, changes := range []bool{false, true} {
				const burst, goroutines = 20, 8
				l := New(rate, burst)
				recorders := make([]recorder, goroutines)
				var wg sync.WaitGroup
				for i := range recorders {
					r := &recorders[i]
					*r = recorder{l: l, random: rand.New(rand.NewPCG(uint64(i), 7))}
					wg.Go(func() {
						for range 300 {
							switch r.random.IntN(8) {
							case 0, 1, 2:
								r.allow()
							case 3:
								r.take()
							case 4, 5:
								r.wait(t)
							case 6:
								r.reserve(t)
							case 7:
								if changes { // to the same, so that the sum still holds
									l.SetLimit(rate, burst)
								}
							}
						}
					})
				}
				wg.Wait()
				var events []event
				for _, r := range recorders {
					events = append(events, r.events...)
				}
				require.NotEmpty(t, events)
				checkEvents(t, rate, burst, events)
			}
		})
	}
}

func checkEvents(t *testing.T, rate Rate, burst int64, events []event) {
	slices.SortFunc(events, func(a, b event) int { return cmp.Compare(a.latest, b.latest) })
	m := newLimiterModel(rate, burst)
	perNano, _ := m.rate.Float64()
	for _, from := range events {
		admitted := int64(0)
		for _, to := range events {
			span := to.latest - from.earliest
			if to.earliest < from.earliest {
				continue
			}
			admitted += to.n
			if float64(admitted-burst)+1 < perNano*float64(span) {
				continue // a fraction would say the same, but take its time
			}
			if most := floor(plus(m.refilled(span), burst)); admitted > most {
				require.Fail(t, "too much", "%d in %d ns, want at most %d", admitted, span, most)
			}
		}
	}
}

// Nothing is admitted twice or lost when many come at once: a limiter that is not full
// again meanwhile owes exactly what was admitted.
func TestEachAdmissionCountsOnce(t *testing.T) {
	const goroutines, burst = 8, 50_000
	l := New(PerSecond(1000), burst)
	require.True(t, l.allow(0, burst/2)) // takes 25 seconds to refill
	var admitted atomic.Int64
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for refused := 0; refused < 100; {
				if l.Allow() {
					admitted.Add(1)
				} else {
					refused++
				}
			}
		})
	}
	wg.Wait()
	require.GreaterOrEqual(t, admitted.Load(), int64(burst/2))
	owed := time.Duration(l.era.Load().full.Load()) // since the clock's zero
	require.Equal(t, time.Duration(burst/2+admitted.Load())*time.Millisecond, owed)
}
