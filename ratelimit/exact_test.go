package ratelimit

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/testkit"
)

// A billion events, ten thousand at a time, each as soon as it is admitted, are
// through when an exact fraction says: not a nanosecond is gained or lost.
func TestNoDriftAfterABillionEvents(t *testing.T) {
	const step, steps = 10_000, 100_000
	for _, rate := range []Rate{PerSecond(3), PerSecond(7), PerSecond(999_999_937), Per(15_485_863, 24*time.Hour), Per(math.MaxInt64, math.MaxInt64-1)} {
		owed := func(events int64) *big.Rat { // how long it takes to refill them
			cost := new(big.Rat).SetFrac(new(big.Int).SetUint64(rate.period), new(big.Int).SetUint64(rate.events))
			return cost.Mul(cost, rational(events))
		}
		t.Run("Take "+rate.String(), func(t *testing.T) {
			l, now := New(rate, 2*step), int64(0)
			for range steps {
				d := l.take(now, step)
				if !d.OK {
					now += int64(d.RetryAfter)
					require.True(t, l.allow(now, step))
				}
			}
			require.Equal(t, ceiling(owed(step*(steps-2))), now)
			require.EqualValues(t, ceiling(new(big.Rat).Sub(owed(step*steps), rational(now))), l.take(now, 0).ResetAfter)
		})
		t.Run("Reserve "+rate.String(), func(t *testing.T) {
			l, r := New(rate, step), (*Reservation)(nil)
			for range steps {
				r, _ = l.reserve(0, step, math.MaxInt64)
			}
			require.Equal(t, ceiling(owed(step*(steps-1))), r.at)
		})
	}
}

func TestArithmeticSaturates(t *testing.T) {
	words := []uint64{0, 1, 2, 3, 999_999_937, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, 1<<64 - 2, 1<<64 - 1}
	var numbers []units
	for _, hi := range words {
		for _, lo := range words {
			numbers = append(numbers, units{hi, lo})
		}
	}
	most := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1))
	whole := func(a units) *big.Int {
		n := new(big.Int).Lsh(new(big.Int).SetUint64(a.hi), bits.UintSize)
		return n.Add(n, new(big.Int).SetUint64(a.lo))
	}
	same := func(want *big.Int, got units, what string, a units, more ...any) {
		if want.Cmp(most) > 0 {
			want = most
		}
		if want.Sign() < 0 {
			want = new(big.Int)
		}
		if want.Cmp(whole(got)) != 0 {
			require.Fail(t, what, "%v and %v: %v, want %v", a, more, got, want)
		}
	}
	for _, a := range numbers {
		for _, b := range numbers {
			same(new(big.Int).Add(whole(a), whole(b)), a.add(b), "add", a, b)
			same(new(big.Int).Sub(whole(a), whole(b)), a.sub(b), "sub", a, b)
			require.True(t, (whole(a).Cmp(whole(b)) < 0) == a.less(b))
		}
		for _, n := range words {
			same(new(big.Int).Mul(whole(units{0, a.lo}), whole(units{0, n})), product(a.lo, n), "product", a, n)
			if n == 0 {
				continue
			}
			require.EqualValues(t, saturated(new(big.Int).Quo(whole(a), whole(units{0, n}))), a.over(n))
			require.EqualValues(t, ceiling(new(big.Rat).SetFrac(whole(a), whole(units{0, n}))), a.overUp(n), "%v and %d", a, n)
			for _, m := range words {
				scaled := new(big.Int).Mul(whole(a), whole(units{0, m}))
				scaled.Add(scaled, whole(units{0, n - 1}))
				same(scaled.Quo(scaled, whole(units{0, n})), a.scaled(m, n), "scaled", a, m, n)
			}
		}
	}
}

// However late they run, those who wait are admitted when an ideal schedule says, to the
// nanosecond. The last tells when the whole line was through.
func TestWaitTenThousand(t *testing.T) {
	calls := 10_000
	if testkit.Race {
		calls = 5_000 // under the race detector a goroutine takes several times as much memory and time
	}
	for _, rate := range []Rate{PerSecond(3), PerSecond(999_999_937), Every(time.Hour)} {
		t.Run(rate.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const burst = 10
				l := New(rate, burst)
				var mu sync.Mutex
				var passed []time.Duration
				var wg sync.WaitGroup
				for range calls {
					wg.Go(func() {
						if l.Wait(t.Context()) != nil {
							return
						}
						at := time.Since(l.start)
						mu.Lock()
						defer mu.Unlock()
						passed = append(passed, at)
					})
				}
				wg.Wait()
				require.Len(t, passed, calls)
				m := newLimiterModel(rate, burst)
				for i, at := range passed {
					due := max(0, ceiling(m.due(rational(int64(i+1)))))
					require.EqualValues(t, due, at, "%d", i)
				}
			})
		})
	}
}

// A hundred thousand who give up, in any order, leave nothing behind, and it takes no longer
// than their number says.
func TestCancelStorm(t *testing.T) {
	n := 100_000
	if testkit.Race {
		n /= 20
	}
	orders := map[string]func([]int){
		"the first first": func([]int) {},
		"the last first":  slices.Reverse[[]int],
		"in any order": func(order []int) {
			rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		},
	}
	for name, arrange := range orders {
		for _, promise := range []string{"", ", a promise in the middle"} {
			t.Run(name+promise, func(t *testing.T) {
				l := New(PerSecond(1), 1)
				require.True(t, l.allow(0, 1))
				waiters, order := make([]*waiter, n), make([]int, n)
				var r *Reservation
				for i := range waiters {
					if promise != "" && i == n/2 {
						r, _ = l.reserve(0, 1, math.MaxInt64)
					}
					order[i] = i
					waiters[i] = &waiter{n: 1, deadline: math.MaxInt64, turn: make(chan struct{}, 1)}
					l.look(waiters[i], 0, nil)
				}
				arrange(order)
				for _, i := range order {
					if done, _ := l.look(waiters[i], 0, errGaveUp); !done || waiters[i].err != errGaveUp {
						require.Fail(t, "still there")
					}
				}
				if r != nil {
					require.Equal(t, time.Duration(n/2+2)*time.Second, l.take(0, 1).RetryAfter)
					require.True(t, r.cancel(0))
				}
				require.Equal(t, time.Second, l.take(0, 1).RetryAfter)
			})
		}
	}
}

// The same with reservations: only the last can be cancelled, then the one before it.
func TestCancelStormOfReservations(t *testing.T) {
	l := New(PerSecond(1), 1)
	require.True(t, l.allow(0, 1))
	w := &waiter{n: 1, deadline: math.MaxInt64, turn: make(chan struct{}, 1)}
	l.look(w, 0, nil)
	reservations := make([]*Reservation, 100_000)
	for i := range reservations {
		reservations[i], _ = l.reserve(0, 1, math.MaxInt64)
	}
	for i, r := range slices.Backward(reservations) {
		if i > 0 && reservations[0].cancel(0) || !r.cancel(0) {
			require.Fail(t, "the last was not the last", i)
		}
	}
	require.Equal(t, 2*time.Second, l.take(0, 1).RetryAfter)
}

// The same with goroutines, whose contexts end all at once.
func TestCancelStormOfGoroutines(t *testing.T) {
	n := 100_000
	if testkit.Race {
		n /= 20
	}
	synctest.Test(t, func(t *testing.T) {
		l := New(PerSecond(1), 1)
		require.True(t, l.Allow())
		ctx, cancel := context.WithCancelCause(t.Context())
		errs := make(chan error, n)
		for range n {
			go func() { errs <- l.Wait(ctx) }()
		}
		synctest.Wait()
		require.Equal(t, time.Duration(n+1)*time.Second, l.Take(1).RetryAfter)
		cancel(errGaveUp)
		for range n {
			require.Equal(t, errGaveUp, <-errs)
		}
		require.Equal(t, time.Second, l.Take(1).RetryAfter)
		require.Equal(t, "0s", fmt.Sprint(time.Since(l.start)))
	})
}
