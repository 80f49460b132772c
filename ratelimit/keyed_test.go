package ratelimit_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/testkit"
	"github.com/braidgo/braid/ratelimit"
)

// A Keyed and a map of Limiters are asked the same, at the same times, by calls that wait and
// give up as well. Nothing tells them apart.
func TestKeyedDecidesAsALimiterForEachKey(t *testing.T) {
	for _, rate := range []ratelimit.Rate{
		ratelimit.PerSecond(3), ratelimit.Every(time.Millisecond), ratelimit.Rate{}, ratelimit.Unlimited,
		ratelimit.PerSecond(999_999_937), // a word lasts for less than five seconds of it
	} {
		for burst := range int64(4) {
			t.Run(fmt.Sprint(rate, ", ", burst), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { decidesAsLimiters(t, rate, burst) })
			})
		}
	}
}

func decidesAsLimiters(t *testing.T, rate ratelimit.Rate, burst int64) {
	const keys = 5
	k := ratelimit.NewKeyed[string](rate, burst, keys)
	var limiters [keys]*ratelimit.Limiter
	for i := range limiters {
		limiters[i] = ratelimit.New(rate, burst)
	}
	ours, theirs := newWaiters(), newWaiters()
	random := rand.New(rand.NewPCG(uint64(burst), 0))
	for call := range 500 {
		i := random.IntN(keys)
		l, key := limiters[i], fmt.Sprint("key", i)
		switch random.IntN(5) {
		case 0:
			require.Equal(t, l.Allow(), k.Allow(key))
		case 1:
			n := random.Int64N(burst + 2)
			require.Equal(t, l.Take(n), k.Take(key, n))
		case 2:
			ctx, cancel := context.WithCancel(t.Context())
			if random.IntN(2) == 0 {
				ctx, cancel = context.WithTimeout(t.Context(), time.Duration(random.Int64N(int64(5*time.Second))))
			}
			defer cancel()
			time.AfterFunc(time.Duration(random.Int64N(int64(10*time.Second))), cancel)
			name := fmt.Sprint("call ", call)
			ours.add(name, func() error { return k.Wait(ctx, key) })
			theirs.add(name, func() error { return l.Wait(ctx) })
		case 3:
			time.Sleep(time.Duration(random.Int64N(int64(time.Second))))
		case 4:
			d := l.Take(1)
			require.Equal(t, d, k.Take(key, 1))
			time.Sleep(d.RetryAfter % time.Minute)
		}
	}
	want, got := theirs.wait(), ours.wait()
	require.Len(t, got, len(want))
	slices.Sort(want) // two that return at the same time do so in any order
	slices.Sort(got)
	for i := range want {
		require.Equal(t, want[i], got[i])
	}
}

// In a bubble time stands still, and so ten million newcomers come at once.
func TestFloodOfTenMillionNewKeys(t *testing.T) {
	const places, debtors, burst = 2000, 500, 5
	newcomers := 5_000_000
	if testkit.Race {
		newcomers /= 50
	}
	synctest.Test(t, func(t *testing.T) {
		k := ratelimit.NewKeyed[int](ratelimit.Every(time.Hour), burst, places)
		for key := range debtors {
			require.Zero(t, k.Take(key, burst).Remaining)
		}
		heap, next := heapInUse(), debtors
		flood := func() (admitted int64) {
			var total atomic.Int64
			var clients sync.WaitGroup
			first := next
			for c := range 4 {
				clients.Go(func() {
					for i := c; i < newcomers; i += 4 {
						if k.Allow(first + i) {
							total.Add(1)
						}
					}
				})
			}
			clients.Wait()
			next += newcomers
			require.Equal(t, places, k.Len())
			return total.Load()
		}
		require.EqualValues(t, places-debtors+burst, flood(), "one each for those with a place, and a burst for all others")
		require.False(t, k.Allow(next-1), "a newcomer")

		time.Sleep(time.Hour) // what all but the debtors owe is refilled, and an event of the others
		require.EqualValues(t, places-debtors+1, flood())
		for key := range debtors {
			require.Equal(t, ratelimit.Decision{OK: true, Limit: burst, ResetAfter: burst * time.Hour}, k.Take(key, 1), "not forgotten, and not slowed down")
			require.False(t, k.Allow(key))
		}
		require.Less(t, heapInUse()-heap, 1<<20)
		runtime.KeepAlive(k)
	})
}

func heapInUse() int {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}

// One key of many owes nothing any more, wherever it is.
func TestOneFreePlaceAmongManyDebtorsIsFound(t *testing.T) {
	const burst = 10
	for places, rounds := range map[int]int{1: 1, 2: 20, 10: 50, 1000: 50, 5000: 20} {
		synctest.Test(t, func(t *testing.T) {
			full := ratelimit.Decision{OK: true, Limit: burst, Remaining: burst}
			for round := range rounds {
				k := ratelimit.NewKeyed[int](ratelimit.Every(time.Hour), burst, places)
				lucky := (round * 7919) % places
				for key := range places {
					n := int64(burst)
					if key == lucky {
						n = 2
					}
					require.True(t, k.Take(key, n).OK)
				}
				time.Sleep(2*time.Hour - 1)
				require.Equal(t, full, k.Take(-1, 0), "the newcomers' own bucket, and no place yet")
				require.EqualValues(t, burst-1, k.Take(lucky, 0).Remaining)

				time.Sleep(time.Nanosecond)
				require.True(t, k.Take(-2, burst).OK)
				require.Equal(t, full, k.Take(-3, 0), "was not needed")
				require.Equal(t, full, k.Take(lucky, 0), "a newcomer now")
				require.Zero(t, k.Take(-2, 0).Remaining)
				require.Equal(t, places, k.Len())
			}
		})
	}
}

func TestNewcomersWithoutAPlaceShareOneBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := ratelimit.NewKeyed[string](ratelimit.PerSecond(1), 2, 1)
		require.True(t, k.Take("known", 2).OK)
		require.True(t, k.Allow("a"))
		require.Equal(t, ratelimit.Decision{OK: true, Limit: 2, ResetAfter: 2 * time.Second}, k.Take("b", 1))
		calls := newWaiters()
		calls.add("c", func() error { return k.Wait(t.Context(), "c") })
		calls.add("d", func() error { return k.Wait(t.Context(), "d") })
		time.Sleep(1500 * time.Millisecond)
		require.True(t, k.Allow("known"), "is slowed down by none of them")
		require.False(t, k.Allow("e"), "does not pass those who wait")
		require.Equal(t, []string{"c 1s", "d 2s"}, calls.wait())
		require.Equal(t, 1, k.Len())
	})
}

// While anybody waits for a key it keeps its place, and after that as long as it owes.
func TestWhoWaitsKeepsItsPlace(t *testing.T) {
	for name, c := range map[string]struct {
		timeout  time.Duration
		want     []string
		freeFrom time.Duration
	}{
		"let go": {time.Hour, []string{"first 1s", "second 2s"}, 3 * time.Second},
		// Both have given up when the last event of the burst is not refilled yet, or is.
		"gives up":       {500 * time.Millisecond, []string{"first 500ms: context canceled", "second 500ms: context canceled"}, time.Second},
		"gives up later": {1500 * time.Millisecond, []string{"first 1s", "second 1.5s: context canceled"}, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				k := ratelimit.NewKeyed[string](ratelimit.PerSecond(1), 1, 1)
				require.True(t, k.Allow("known"))
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(c.timeout, cancel)
				calls := newWaiters()
				calls.add("first", func() error { return k.Wait(ctx, "known") })
				calls.add("second", func() error { return k.Wait(ctx, "known") })
				for time.Since(begin) < c.freeFrom {
					require.Equal(t, ratelimit.Decision{OK: true, Limit: 1, Remaining: 1}, k.Take("new", 0))
					require.False(t, k.Allow("known"), "passes nobody")
					time.Sleep(100 * time.Millisecond)
				}
				require.ElementsMatch(t, c.want, calls.wait())
				require.True(t, k.Allow("new"))
				require.EqualValues(t, 1, k.Take("known", 0).Remaining, "forgotten")
				require.EqualValues(t, 1, k.Take("newer", 0).Remaining, "new has a place, and took nothing from those without")
				require.Equal(t, 1, k.Len())
				cancel()
			})
		})
	}
}

// An event costs so many units that a word holds four, and the last of the line waits for twenty.
func TestALineThatIsLongerThanAWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := ratelimit.Per(1<<42+1, 1<<62)
		k, l := ratelimit.NewKeyed[string](rate, 1, 1), ratelimit.New(rate, 1)
		ours, theirs := newWaiters(), newWaiters()
		for i := range 20 {
			ours.add(fmt.Sprint(i), func() error { return k.Wait(t.Context(), "known") })
			theirs.add(fmt.Sprint(i), func() error { return l.Wait(t.Context()) })
		}
		require.Equal(t, theirs.wait(), ours.wait())
		require.Equal(t, l.Take(0), k.Take("known", 0))
		time.Sleep(l.Take(1).RetryAfter - 1)
		require.False(t, k.Allow("known"))
		time.Sleep(time.Nanosecond)
		require.True(t, k.Allow("known"))
	})
}

func TestKeysThatCannotBeFoundAgainAreRefused(t *testing.T) {
	refusesKey(t, math.NaN(), 1.5)
	refusesKey[any](t, []int{1}, "usable")
	refusesKey[any](t, math.NaN(), nil)
	refusesKey[any](t, [1]any{func() {}}, struct{}{})
	refusesKey(t, [2]float64{1, math.NaN()}, [2]float64{1, 2})
	type request struct {
		path string
		user any
	}
	refusesKey(t, request{"/", map[string]int{}}, request{"/", "a"})
}

func refusesKey[K comparable](t *testing.T, unusable, usable K) {
	k := ratelimit.NewKeyed[K](ratelimit.Every(time.Hour), 2, 10)
	for range 3 {
		require.False(t, k.Allow(unusable))
		require.Equal(t, ratelimit.Decision{RetryAfter: math.MaxInt64}, k.Take(unusable, 0))
		require.Equal(t, braid.ErrKey, k.Wait(t.Context(), unusable))
	}
	require.Zero(t, k.Len())
	require.True(t, k.Allow(usable), "goes on")
	require.NoError(t, k.Wait(t.Context(), usable))
	require.False(t, k.Allow(usable))
	require.Equal(t, 1, k.Len())
}

// Keys that are equal are the same key, and others are not, of whatever type they are.
func TestKeysOfAllTypes(t *testing.T) {
	type named string
	tellsApart(t, named("a"), "b", "")
	tellsApart(t, 0.0, 1, math.Inf(1))
	require.False(t, allowedOnce(0.0).Allow(math.Copysign(0, -1)), "is equal to 0")
	tellsApart[any](t, 1, int64(1), "1", nil, 1.0, struct{}{})
	tellsApart(t, struct{}{})
	tellsApart(t, true, false)
	tellsApart(t, new(int), new(int), nil)
	tellsApart(t, [2]string{"a", "b"}, [2]string{"ab", ""})
	tellsApart(t, netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/9"), netip.Prefix{})
}

func allowedOnce[K comparable](keys ...K) *ratelimit.Keyed[K] {
	k := ratelimit.NewKeyed[K](ratelimit.Rate{}, 1, 10)
	for _, key := range keys {
		k.Allow(key)
	}
	return k
}

func tellsApart[K comparable](t *testing.T, keys ...K) {
	for i := range keys {
		k := allowedOnce(keys[:i]...)
		require.True(t, k.Allow(keys[i]), i)
		require.False(t, k.Allow(keys[i]), i)
		require.Equal(t, i+1, k.Len())
	}
}

// All keys that ever get a place keep it, as nothing is refilled, and so it is known how much
// is admitted in all.
func TestKeyedConcurrency(t *testing.T) {
	const burst, goroutines, calls = 20, 8, 2000
	for _, places := range []int{1, 2, 7, 60} {
		t.Run(fmt.Sprint(places), func(t *testing.T) {
			ctx := t.Context()
			k := ratelimit.NewKeyed[int](ratelimit.Rate{}, burst, places)
			var admitted atomic.Int64
			var clients sync.WaitGroup
			for c := range goroutines {
				random := rand.New(rand.NewPCG(uint64(c), uint64(places)))
				clients.Go(func() {
					for range calls {
						key := random.IntN(places + 10)
						switch random.IntN(4) {
						case 0:
							if k.Allow(key) {
								admitted.Add(1)
							}
						case 1:
							if n := random.Int64N(4); k.Take(key, n).OK {
								admitted.Add(n)
							}
						case 2:
							if err := k.Wait(ctx, key); err == nil {
								admitted.Add(1)
							} else {
								assert.Equal(t, ratelimit.ErrNever, err)
							}
						case 3:
							k.Take(key, 0) // does not owe, if it is new
						}
						assert.LessOrEqual(t, k.Len(), places)
					}
				})
			}
			clients.Wait()
			left := int64(0)
			for key := range places + 20 { // all places are taken for good after that
				for k.Allow(key) {
					left++
				}
			}
			require.Equal(t, places, k.Len())
			require.EqualValues(t, burst*(places+1), admitted.Load()+left)
		})
	}
}

// Many wait for few keys, give up or are let go, while others ask; the clock is the real one, and so
// there can be no more than the limit allows.
func TestKeyedWaitConcurrency(t *testing.T) {
	const keys, burst = 3, 10
	rate := ratelimit.PerSecond(20_000)
	k := ratelimit.NewKeyed[int](rate, burst, keys-1) // the keys take turns
	var admitted atomic.Int64
	var clients sync.WaitGroup
	begin := time.Now()
	for c := range 8 {
		random := rand.New(rand.NewPCG(uint64(c), 0))
		clients.Go(func() {
			for range 500 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.Int64N(int64(time.Millisecond))))
				err := k.Wait(ctx, random.IntN(keys))
				cancel()
				if err == nil {
					admitted.Add(1)
				} else {
					assert.ErrorIs(t, err, context.DeadlineExceeded)
				}
				if k.Allow(random.IntN(keys)) {
					admitted.Add(1)
				}
			}
		})
	}
	clients.Wait()
	most := (keys + 1) * (burst + 20_000*time.Since(begin).Seconds() + 1) // for each key, and for those without a place
	require.LessOrEqual(t, float64(admitted.Load()), most)
}

func TestAKnownKeyAllocatesNothing(t *testing.T) {
	allocatesNothing(t, "a client")
	allocatesNothing(t, int64(1))
	allocatesNothing(t, netip.MustParsePrefix("10.0.0.0/8"))
	allocatesNothing(t, [2]float64{1, 2})
	allocatesNothing[any](t, "a client")
}

func allocatesNothing[K comparable](t *testing.T, key K) {
	ctx := t.Context()
	k := ratelimit.NewKeyed[K](ratelimit.Every(1), 1000, 10)
	k.Allow(key)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		k.Allow(key)
		k.Take(key, 3)
		k.Wait(ctx, key)
	}))
}

// What a string is a piece of is not kept, but what a key points to is: else something new could
// be at the same address, and owe what that owes.
func TestAKeyIsKeptOnlyIfItPoints(t *testing.T) {
	type large [1 << 10]byte
	kept := func(use func(*large) (inUse func())) bool {
		content := new(large)
		content[0] = 1
		w := weak.Make(content)
		inUse := use(content)
		runtime.GC()
		defer inUse()
		return w.Value() != nil
	}
	require.False(t, kept(func(content *large) func() {
		k := allowedOnce(unsafe.String(&content[0], 10))
		return func() { k.Len() }
	}))
	require.True(t, kept(func(content *large) func() {
		k := allowedOnce(content)
		return func() { k.Len() }
	}))
	require.True(t, kept(func(content *large) func() {
		k := allowedOnce[any](content)
		return func() { k.Len() }
	}))
	require.False(t, kept(func(content *large) func() { // owes nothing, and gives up its place
		k := ratelimit.NewKeyed[*large](ratelimit.Unlimited, 1, 1)
		k.Allow(content)
		k.Allow(nil)
		return func() { k.Len() }
	}))
}

// The table has grown dozens of times when it is full, and each time it has more room than it needs.
func TestMemoryOfAMillionKeys(t *testing.T) {
	if testing.Short() || testkit.Race {
		t.Skip("measures memory, and takes a second: not with -short, and not with -race")
	}
	t.Run("plain", func(t *testing.T) { memoryOfKeys(t, 1_000_000, 24, func(key int) int64 { return int64(key) }) })
	t.Run("kept", func(t *testing.T) {
		memoryOfKeys(t, 100_000, 24+32*1.6, func(key int) netip.Prefix {
			return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(key >> 16), byte(key >> 8), byte(key)}), 32)
		})
	})
}

// memoryOfKeys demands at most so many bytes for a key.
func memoryOfKeys[K comparable](t *testing.T, maxKeys int, bytes float64, key func(int) K) {
	const steps = 50
	before := heapInUse()
	k := ratelimit.NewKeyed[K](ratelimit.PerSecond(1), 10, maxKeys)
	require.Less(t, heapInUse()-before, 100_000, "before any key")
	full, most := 0.0, 0.0
	for keys, step := 0, maxKeys/10; keys < maxKeys; step += step / steps {
		for ; keys < min(step, maxKeys); keys++ {
			k.Allow(key(keys))
		}
		full = float64(heapInUse()-before) / float64(keys)
		most = max(most, full)
	}
	t.Logf("bytes a key: %.1f when full, %.1f at most", full, most)
	require.LessOrEqual(t, most, bytes)
	require.Equal(t, maxKeys, k.Len())
}
