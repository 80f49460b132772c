package fanout_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/fanout"
	"github.com/braidgo/braid/internal/testkit"
)

// A million keys, ten thousand of them hot: each key's items in order and never
// together, each item once.
func TestByKeyOrder(t *testing.T) {
	items, keys, hot := 2_000_000, 1_000_000, 10_000
	if testkit.Race {
		items, keys, hot = items/10, keys/10, hot/10
	}
	keyOf := func(i int) int {
		if i%2 == 0 {
			return i / 2 % hot // every second item is of a hot key
		}
		return i % keys
	}
	last := make([]atomic.Int64, keys) // item of the key, plus one; negative while it runs
	var ran atomic.Int64
	err := fanout.ByKey(t.Context(), 8, 1000, upTo(items), keyOf, func(_ context.Context, i int) error {
		before := last[keyOf(i)].Swap(-1)
		if before < 0 || before > int64(i) {
			return fmt.Errorf("item %d of key %d after %d", i, keyOf(i), before-1)
		}
		ran.Add(1)
		last[keyOf(i)].Store(int64(i + 1))
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, items, ran.Load())
}

// Memory is in step with what waits, not with keys ever seen.
func TestByKeyMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := fanout.ByKey(t.Context(), 4, 100, upTo(many()), func(i int) int { return i }, func(context.Context, int) error { return nil })
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "all that was ever allocated for so many keys")
}

// A slow key delays only itself, as long as its waiting items leave room.
func TestByKeySlowKeyDelaysOnlyItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slow = 0
		begin := time.Now()
		var finished [10]time.Duration
		err := fanout.ByKey(t.Context(), 2, 100, upTo(100), func(i int) int { return i % 10 }, func(_ context.Context, i int) error {
			if i%10 == slow {
				time.Sleep(time.Hour)
			} else {
				time.Sleep(time.Second)
			}
			finished[i%10] = time.Since(begin)
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, 10*time.Hour, finished[slow])
		require.LessOrEqual(t, slices.Max(finished[1:]), 90*time.Second, "nine keys on the other worker")
	})
}

// As many keys as there are workers make progress together, also with one item
// waiting at most.
func TestByKeyRunsAsManyKeysAsWorkers(t *testing.T) {
	for _, pending := range []int{1, 8, 100} {
		synctest.Test(t, func(t *testing.T) {
			var meeting sync.WaitGroup
			meeting.Add(8)
			require.NoError(t, fanout.ByKey(t.Context(), 8, pending, upTo(8), func(i int) int { return i }, func(context.Context, int) error {
				meeting.Done()
				meeting.Wait()
				return nil
			}))
		})
	}
}

// A hot key that always has items waiting does not keep the others waiting: keys
// that are ready take turns.
func TestByKeyPrefersNoKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []int
		err := fanout.ByKey(t.Context(), 1, 100, slices.Values([]int{0, 10, 20, 30, 1, 2}), func(i int) int { return i % 10 }, func(_ context.Context, i int) error {
			time.Sleep(time.Second)
			order = append(order, i)
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, []int{0, 1, 2, 10, 20, 30}, order[:6])
	})
}

func TestByKeyRefusesKeysThatCannotBeFoundAgain(t *testing.T) {
	var ran atomic.Int64
	f := func(context.Context, int) error { ran.Add(1); return nil }
	err := fanout.ByKey(t.Context(), 2, 2, upTo(10), func(i int) float64 {
		if i == 3 {
			return math.NaN()
		}
		return float64(i)
	}, f)
	require.Equal(t, &fanout.IndexError{Index: 3, Err: braid.ErrKey}, err)
	require.LessOrEqual(t, ran.Load(), int64(3))

	err = fanout.ByKey(t.Context(), 2, 2, upTo(10), func(i int) any { return []int{i} }, f)
	require.Equal(t, &fanout.IndexError{Index: 0, Err: braid.ErrKey}, err)
}

func TestByKeyWhenTheKeyFunctionPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running atomic.Int64
		defer func() {
			require.Equal(t, "no key", recover().(*braid.PanicError).Value)
			require.Zero(t, running.Load())
		}()
		fanout.ByKey(t.Context(), 2, 2, upTo(10), func(i int) int {
			if i == 3 {
				panic("no key")
			}
			return i
		}, func(ctx context.Context, i int) error {
			running.Add(1)
			defer running.Add(-1)
			<-ctx.Done()
			time.Sleep(time.Second)
			return nil
		})
	})
}

func TestForEachNamesTheInput(t *testing.T) {
	for _, bad := range []int{0, 1, 7, 8, 99} {
		for name, run := range map[string]func(f func(context.Context, int) error) error{
			"ForEach": func(f func(context.Context, int) error) error {
				return fanout.ForEach(t.Context(), 8, upTo(100), f)
			},
			"ByKey": func(f func(context.Context, int) error) error {
				return fanout.ByKey(t.Context(), 8, 4, upTo(100), func(i int) int { return i % 5 }, f)
			},
		} {
			require.Equal(t, &fanout.IndexError{Index: bad, Err: errElement}, run(func(_ context.Context, i int) error {
				if i == bad {
					return errElement
				}
				return nil
			}), name)
			require.Equal(t, &fanout.IndexError{Index: bad, Err: braid.ErrGoexit}, run(func(_ context.Context, i int) error {
				if i == bad {
					runtime.Goexit()
				}
				return nil
			}), name)
		}
	}
}

func TestForEachMemoryIsFlat(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := fanout.ForEach(t.Context(), 8, upTo(many()), func(context.Context, int) error { return nil })
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

// many is a million, or as many as the race detector does in the same time.
func many() int {
	if testkit.Race {
		return million / 10
	}
	return million
}
