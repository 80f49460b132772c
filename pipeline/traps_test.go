package pipeline_test

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/pipeline"
)

// Mistakes that other libraries have made, or this one before it was read once more, and
// that need a test of their own. More of them are cases of TestHostile and
// TestHostileSequences, or stand beside what they are about.

// rill: after the first error, and behind a break, calls went on for a second and more.
func TestNoCallAfterTheReturn(t *testing.T) {
	for name, opts := range map[string][]pipeline.Option{
		"ordered":   {pipeline.Workers(4), pipeline.Buffer(8)},
		"unordered": {pipeline.Workers(4), pipeline.Buffer(8), pipeline.Unordered()},
	} {
		inBubble(t, name, func(t *testing.T) {
			var calls atomic.Int64
			counted := func(f func(context.Context, int) (int, error)) pipeline.Stream[int] {
				return pipeline.Map(pipeline.From(endless), func(ctx context.Context, item int) (int, error) {
					calls.Add(1)
					return f(ctx, item)
				}, opts...)
			}
			require.ErrorIs(t, pipeline.Drain(t.Context(), counted(failsAt(5))), errItem)
			over := calls.Load()
			time.Sleep(time.Hour)
			require.Equal(t, over, calls.Load())

			left := int64(0)
			for item, err := range counted(keep).All(t.Context()) {
				require.NoError(t, err)
				if item == 2 {
					left = calls.Load()
					break
				}
			}
			over = calls.Load()
			require.LessOrEqual(t, over-left, int64(4+8+4), "no more than there is room for")
			time.Sleep(time.Hour)
			require.Equal(t, over, calls.Load())
		})
	}
}

// samber/ro: ToSeq of five items hung, a slow consumer lost items, Take(3) pulled a million.
func TestASlowLoopLosesNothingAndTakePullsNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pulled := 0
		s := pipeline.From(func(yield func(int) bool) {
			for i := range 1_000_000 {
				pulled++
				if !yield(i) {
					return
				}
			}
		})
		var got []int
		for item, err := range pipeline.Take(s, 3).All(t.Context()) {
			require.NoError(t, err)
			time.Sleep(time.Hour)
			got = append(got, item)
		}
		require.Equal(t, []int{0, 1, 2}, got)
		require.Equal(t, 3, pulled)
		pulled = 0
		require.NoError(t, pipeline.Drain(t.Context(), pipeline.Take(s, 0)))
		require.Zero(t, pulled)
	})
}

// What Take does not need ends at once, also if the stages behind it are slow.
func TestTakeEndsASourceThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var ended time.Duration
		s := pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
			_ = yield(1) && yield(2) && yield(3)
			<-ctx.Done()
			ended = time.Since(begin)
			return ctx.Err()
		})
		s = pipeline.Take(pipeline.Map(s, keep, pipeline.Workers(2)), 2)
		s = pipeline.Map(s, sleeps(time.Minute), pipeline.Workers(1))
		got, err := pipeline.Collect(t.Context(), s)
		require.NoError(t, err)
		require.Equal(t, []int{1, 2}, got)
		require.Zero(t, ended, "told when it was no longer needed, and not at the end")
	})
}

// Workers that are told that nobody wants their results fail in vain.
func TestWhatFailsWhenNobodyWantsItIsNoFailure(t *testing.T) {
	obeys := func(ctx context.Context, item int) (int, error) {
		wait := time.Second
		if item >= 5 {
			wait = time.Hour
		}
		select {
		case <-time.After(wait):
			return item, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	flat := func(ctx context.Context, item int, yield func(int) bool) error {
		item, err := obeys(ctx, item)
		if err == nil {
			yield(item)
		}
		return err
	}
	for name, s := range map[string]pipeline.Stream[int]{
		"Map":                pipeline.Map(pipeline.From(upTo(100)), obeys, pipeline.Workers(8)),
		"Map, unordered":     pipeline.Map(pipeline.From(upTo(100)), obeys, pipeline.Workers(8), pipeline.Unordered()),
		"FlatMap, unordered": pipeline.FlatMap(pipeline.From(upTo(100)), flat, pipeline.Workers(8), pipeline.Unordered()),
	} {
		inBubble(t, name, func(t *testing.T) {
			got, err := pipeline.Collect(t.Context(), pipeline.Map(pipeline.Take(s, 5), sleeps(time.Second), pipeline.Workers(1)))
			require.NoError(t, err)
			require.Len(t, got, 5)
		})
	}
}

// After a failure nothing is started upstream of it, although its turn is yet to come.
func TestAFailureEndsWhatIsBeforeItAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failed, late atomic.Int64
		first := func(_ context.Context, item int) (int, error) {
			if at := failed.Load(); at != 0 && time.Now().UnixNano() > at {
				late.Add(1)
			}
			time.Sleep(time.Second)
			if item == 4 {
				time.Sleep(time.Minute)
			}
			return item, nil
		}
		second := func(_ context.Context, item int) (int, error) {
			if item == 3 {
				failed.Store(time.Now().UnixNano())
				return 0, errItem
			}
			return item, nil
		}
		s := pipeline.Map(pipeline.Map(pipeline.From(upTo(1000)), first, pipeline.Workers(2)), second, pipeline.Workers(2))
		got, err := pipeline.Collect(t.Context(), pipeline.Map(s, sleeps(10*time.Second)))
		require.ErrorIs(t, err, errItem)
		require.Equal(t, []int{0, 1, 2}, got)
		require.Zero(t, late.Load())
	})
}

// Redpanda Connect (issue 1800): with several threads, messages of a key overtook one
// another.
func TestMapByKeyKeepsTheOrderOfAKey(t *testing.T) {
	for name, opts := range map[string][]pipeline.Option{
		"ordered":   {pipeline.Workers(8)},
		"unordered": {pipeline.Workers(8), pipeline.Unordered()},
		"no buffer": {pipeline.Workers(8), pipeline.Buffer(0), pipeline.Unordered()},
	} {
		inBubble(t, name, func(t *testing.T) {
			const keys = 5
			var busy [keys]atomic.Bool
			s := pipeline.MapByKey(pipeline.From(upTo(500)), func(item int) int { return item % keys }, func(_ context.Context, item int) (int, error) {
				assert.False(t, busy[item%keys].Swap(true), "two of a key at once")
				time.Sleep(time.Duration(item*7%11) * time.Millisecond)
				busy[item%keys].Store(false)
				return item, nil
			}, opts...)
			var last [keys]int
			n := 0
			for item, err := range s.All(t.Context()) {
				require.NoError(t, err)
				require.LessOrEqual(t, last[item%keys], item)
				last[item%keys] = item
				n++
			}
			require.Equal(t, 500, n)
		})
	}
}

// Without order a slow item delays no other, whichever stage it is in.
func TestUnorderedPassesASlowItem(t *testing.T) {
	slow := func(ctx context.Context, item int) (int, error) {
		if item == 0 {
			time.Sleep(time.Hour)
		}
		return item, nil
	}
	opts := []pipeline.Option{pipeline.Workers(2), pipeline.Buffer(100), pipeline.Unordered()}
	source := pipeline.From(upTo(100))
	for name, s := range map[string]pipeline.Stream[int]{
		"Map":      pipeline.Map(source, slow, opts...),
		"MapByKey": pipeline.MapByKey(source, func(item int) int { return item }, slow, opts...),
		"FlatMap": pipeline.FlatMap(source, func(ctx context.Context, item int, yield func(int) bool) error {
			item, err := slow(ctx, item)
			yield(item)
			return err
		}, opts...),
	} {
		inBubble(t, name, func(t *testing.T) {
			begin, others := time.Now(), 0
			for item, err := range s.All(t.Context()) {
				require.NoError(t, err)
				if item == 0 {
					require.Equal(t, time.Hour, time.Since(begin))
					require.Equal(t, 99, others)
				} else {
					require.Zero(t, time.Since(begin))
					others++
				}
			}
		})
	}
}

func TestMapByKeyASlowKeyDelaysOnlyItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var others time.Duration
		s := pipeline.MapByKey(pipeline.From(upTo(40)), func(item int) int { return item % 4 }, func(_ context.Context, item int) (int, error) {
			if item%4 == 0 {
				time.Sleep(time.Hour)
			}
			return item, nil
		}, pipeline.Workers(2), pipeline.Unordered())
		n := 0
		for item, err := range s.All(t.Context()) {
			require.NoError(t, err)
			if item%4 != 0 {
				others = time.Since(begin)
			}
			n++
		}
		require.Equal(t, 40, n)
		require.Zero(t, others)
		require.Equal(t, 10*time.Hour, time.Since(begin))
	})
}

func TestMapByKeyRefusesKeysThatNoMapFinds(t *testing.T) {
	for name, opts := range map[string][]pipeline.Option{
		"fused":     nil,
		"workers":   {pipeline.Workers(3)},
		"unordered": {pipeline.Workers(3), pipeline.Unordered()},
	} {
		nan := func(item int) float64 {
			if item == 7 {
				return math.NaN()
			}
			return float64(item % 2)
		}
		uncomparable := func(item int) any {
			if item == 7 {
				return []int{7}
			}
			return item % 2
		}
		want := &pipeline.StageError{Stage: "MapByKey", Index: 7, Err: braid.ErrKey}
		got, err := pipeline.Collect(t.Context(), pipeline.MapByKey(pipeline.From(upTo(20)), nan, keep, opts...))
		require.Equal(t, want, err, name)
		require.True(t, name == "unordered" || slices.Equal(slices.Collect(upTo(7)), got))
		_, err = pipeline.Collect(t.Context(), pipeline.MapByKey(pipeline.From(upTo(20)), uncomparable, keep, opts...))
		require.Equal(t, want, err, name)
	}
}

func TestAStreamRunInsideItsOwnStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s pipeline.Stream[int]
		depth := func(ctx context.Context, item int) (int, error) {
			if item == 0 {
				return 1, nil
			}
			inner, err := pipeline.Collect(ctx, pipeline.Take(s, item))
			return len(inner), err
		}
		s = pipeline.Map(pipeline.From(upTo(4)), depth, pipeline.Workers(2))
		got, err := pipeline.Collect(t.Context(), s)
		require.NoError(t, err)
		require.Equal(t, []int{1, 1, 2, 3}, got)
	})
}

// One that is told of a worker's end must not go unheard because the item was skipped.
func TestAllItemsSkipped(t *testing.T) {
	eachShape(t, func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int]) {
		skip := func(context.Context, int) (int, error) { return 0, pipeline.SkipItem }
		for _, opts := range [][]pipeline.Option{nil, {pipeline.Workers(3)}, {pipeline.Workers(3), pipeline.Unordered()}} {
			got, err := pipeline.Collect(t.Context(), through(pipeline.Map(through(pipeline.From(upTo(300))), skip, opts...)))
			require.NoError(t, err)
			require.Empty(t, got)
		}
	})
}

// A worker's end by runtime.Goexit names its stage and item, wherever that runs.
func TestGoexitNamesTheStage(t *testing.T) {
	exit := func(_ context.Context, item int) (int, error) {
		if item == 3 {
			runtime.Goexit()
		}
		return item, nil
	}
	for name, s := range map[string]pipeline.Stream[int]{
		"on a worker":           pipeline.Map(pipeline.From(upTo(9)), exit, pipeline.Workers(2), pipeline.Name("exits")),
		"fused, before a queue": pipeline.Map(pipeline.Map(pipeline.From(upTo(9)), exit, pipeline.Name("exits")), keep, pipeline.Buffer(1)),
		"before a batch": pipeline.Map(pipeline.Flatten(pipeline.Map(pipeline.Batch(pipeline.Map(pipeline.From(upTo(9)), exit, pipeline.Name("exits")), 9, 0),
			func(_ context.Context, batch []int) ([]int, error) { return batch, nil })), keep, pipeline.Buffer(1)),
	} {
		got, err := pipeline.Collect(t.Context(), s)
		require.Equal(t, []int{0, 1, 2}, got, name)
		require.Equal(t, &pipeline.StageError{Stage: "exits", Index: 3, Err: braid.ErrGoexit}, err, name)
	}
}

// A panic that nobody's turn ever brings to the sink is raised all the same.
func TestAPanicThatNobodyWaitsForIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func() { require.Equal(t, "late", recover().(*braid.PanicError).Value) }()
		s := pipeline.Map(pipeline.From(upTo(10)), func(ctx context.Context, item int) (int, error) {
			if item == 5 {
				<-ctx.Done()
				panic("late")
			}
			return item, nil
		}, pipeline.Workers(10))
		for item := range s.All(t.Context()) {
			if item == 4 {
				synctest.Wait() // the next one has begun
				break
			}
		}
		t.Error("returned")
	})
}

// The lowest position wins: what is behind it would not have happened in a loop.
func TestAnErrorBeforeAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := pipeline.Map(pipeline.From(upTo(10)), func(ctx context.Context, item int) (int, error) {
			switch item {
			case 3:
				time.Sleep(time.Second)
				return 0, errItem
			case 5:
				panic("sooner, but behind it")
			}
			return item, nil
		}, pipeline.Workers(10))
		got, err := pipeline.Collect(t.Context(), s)
		require.Equal(t, []int{0, 1, 2}, got)
		require.Equal(t, &pipeline.StageError{Stage: "Map", Index: 3, Err: errItem}, err)
	})
}

// Numbers that only a mistake brings, and that must not cost what they say.
func TestHugeNumbers(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, wait := range []time.Duration{0, math.MaxInt64} {
		s := pipeline.Session(pipeline.From(upTo(3)), math.MaxInt, math.MaxInt64)
		s = pipeline.Batch(pipeline.Take(pipeline.Flatten(s), math.MaxInt), math.MaxInt, wait)
		got, err := pipeline.Collect(t.Context(), pipeline.Flatten(s))
		require.NoError(t, err)
		require.Equal(t, []int{0, 1, 2}, got)
	}
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "bytes")

	goroutines, most := runtime.NumGoroutine(), 0
	s := pipeline.Map(pipeline.From(upTo(3)), keep, pipeline.Workers(1<<20), pipeline.Buffer(0))
	require.NoError(t, pipeline.ForEach(t.Context(), s, func(context.Context, int) error {
		most = max(most, runtime.NumGoroutine())
		return nil
	}))
	require.LessOrEqual(t, most, goroutines+1+3, "the source, and a worker for each item")
}

// A panic on the caller's own goroutine ends what is before it, while what is behind it
// still gets what came before.
func TestAPanicEndsWhatIsBeforeItAtOnce(t *testing.T) {
	slow := func(context.Context, []int) error { time.Sleep(time.Minute); return nil }
	for name, run := range map[string]func(context.Context, pipeline.Stream[int]){
		"Tee": func(ctx context.Context, s pipeline.Stream[int]) {
			pipeline.Tee(ctx, s, func(ctx context.Context, branch pipeline.Stream[int]) error {
				return pipeline.ForEach(ctx, pipeline.Batch(branch, 1, 0), slow)
			})
		},
		"Batch": func(ctx context.Context, s pipeline.Stream[int]) {
			pipeline.ForEach(ctx, pipeline.Batch(s, 100, 0), slow)
		},
	} {
		inBubble(t, name, func(t *testing.T) {
			var failed, late atomic.Int64
			s := pipeline.Map(pipeline.From(upTo(1000)), func(_ context.Context, item int) (int, error) {
				if at := failed.Load(); at != 0 && time.Now().UnixNano() > at {
					late.Add(1)
				}
				time.Sleep(time.Second)
				return item, nil
			}, pipeline.Workers(2))
			s = pipeline.Map(s, func(_ context.Context, item int) (int, error) {
				if item == 5 {
					failed.Store(time.Now().UnixNano())
				}
				return item, nil
			})
			s = pipeline.Map(s, func(_ context.Context, item int) (int, error) {
				if item == 5 {
					panic(item)
				}
				return item, nil
			})
			defer func() {
				require.Equal(t, 5, recover().(*braid.PanicError).Value)
				require.Zero(t, late.Load())
			}()
			run(t.Context(), s)
		})
	}
}

// A source whose items are all dropped on the way never learns by them that its stage
// has failed.
func TestAFailureEndsASourceThatPassesNothingOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failed, late atomic.Int64
		source := func(yield func(int) bool) {
			for i := 0; yield(i); i++ {
				if at := failed.Load(); at != 0 && time.Now().UnixNano() > at {
					late.Add(1)
				}
				time.Sleep(time.Second)
			}
		}
		s := pipeline.Filter(pipeline.From(source), func(item int) bool { return item <= 3 })
		s = pipeline.Map(s, func(_ context.Context, item int) (int, error) {
			if item == 3 {
				failed.Store(time.Now().UnixNano())
				return 0, errItem
			}
			return item, nil
		}, pipeline.Workers(2))
		err := pipeline.ForEach(t.Context(), s, func(context.Context, int) error { time.Sleep(time.Minute); return nil })
		require.ErrorIs(t, err, errItem)
		require.LessOrEqual(t, late.Load(), int64(1), "the one that was on its way")
	})
}

// A stage that says no because the context has ended must say why: the queue before it
// takes it for one who has seen enough.
func TestTheEndOfTheContextWithinAFlatMap(t *testing.T) {
	for _, opts := range [][]pipeline.Option{nil, {pipeline.Buffer(1)}, {pipeline.Workers(1)}, {pipeline.Workers(3)}} {
		ctx, cancel := context.WithCancelCause(t.Context())
		_, err := pipeline.Collect(ctx, pipeline.FlatMap(pipeline.From(endless), func(_ context.Context, item int, yield func(int) bool) error {
			cancel(errItem)
			yield(item)
			return nil
		}, opts...))
		require.Equal(t, errItem, err)
		ctx, cancel = context.WithCancelCause(t.Context())
		_, err = pipeline.Collect(ctx, pipeline.Flatten(pipeline.Map(pipeline.From(endless), func(_ context.Context, item int) ([]int, error) {
			cancel(errItem)
			return []int{item}, nil
		}, opts...)))
		require.Equal(t, errItem, err)
	}
}

// The same with many segments between: the contexts of all of them end at once, and only
// then are their stages told, one after the other, that nobody wants their results.
func TestWhatFailsWhenNobodyWantsItFarUpstream(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			obeys := func(ctx context.Context, item int) (int, error) {
				wait := time.Second
				if item >= 5 {
					wait = time.Hour
				}
				select {
				case <-time.After(wait):
					return item, nil
				case <-ctx.Done():
					return 0, context.Cause(ctx)
				}
			}
			s := pipeline.Map(pipeline.From(upTo(1000)), obeys, pipeline.Workers(50), pipeline.Unordered())
			for range 3 {
				s = pipeline.Map(s, keep, pipeline.Workers(2))
			}
			got, err := pipeline.Collect(t.Context(), pipeline.Map(pipeline.Take(s, 5), sleeps(time.Second), pipeline.Workers(2)))
			require.NoError(t, err)
			require.Len(t, got, 5)
		})
	}
}

// A PanicError that is an error, and not a panic, is not raised.
func TestACauseThatIsAPanicError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cause := &braid.PanicError{Value: "somebody else's"}
		time.AfterFunc(time.Second, func() { cancel(cause) })
		require.Equal(t, error(cause), pipeline.Drain(ctx, pipeline.FromChan(make(chan int))))
		returns := func(context.Context, int) (int, error) { return 0, cause }
		err := pipeline.Drain(t.Context(), pipeline.Map(pipeline.From(upTo(3)), returns))
		require.Equal(t, &pipeline.StageError{Stage: "Map", Index: 0, Err: cause}, err)
	})
}

// Whoever could know that the context is dead begins nothing, also if the news of it has
// not gone round yet.
func TestNothingBeginsWhenTheContextIsDead(t *testing.T) {
	for name, opts := range map[string][]pipeline.Option{
		"fused":     nil,
		"a buffer":  {pipeline.Buffer(100)},
		"a worker":  {pipeline.Workers(1)},
		"unordered": {pipeline.Workers(1), pipeline.Unordered()},
	} {
		inBubble(t, name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			s := pipeline.Map(pipeline.From(upTo(1000)), func(_ context.Context, item int) (int, error) {
				assert.NoError(t, ctx.Err())
				if item == 60 {
					cancel(errItem)
				}
				return item, nil
			}, opts...)
			require.Equal(t, errItem, pipeline.Drain(ctx, s))
		})
	}
}

func TestGoexitOfASourceNamesIt(t *testing.T) {
	exits := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
		_ = yield(0) && yield(1)
		runtime.Goexit()
		return nil
	})
	got, err := pipeline.Collect(t.Context(), pipeline.Map(pipeline.Map(exits, keep), keep, pipeline.Buffer(1)))
	require.Equal(t, []int{0, 1}, got)
	require.Equal(t, &pipeline.StageError{Stage: "Generate", Index: 2, Err: braid.ErrGoexit}, err)
}

// Results that are done are not passed on any more either.
func TestNothingIsPassedOnWhenTheContextIsDead(t *testing.T) {
	for name, opts := range map[string][]pipeline.Option{
		"a worker":  {pipeline.Workers(1), pipeline.Buffer(100)},
		"workers":   {pipeline.Workers(2), pipeline.Buffer(100)},
		"unordered": {pipeline.Workers(2), pipeline.Buffer(100), pipeline.Unordered()},
	} {
		inBubble(t, name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			s := pipeline.Map(pipeline.From(upTo(50)), keep, opts...)
			s = pipeline.Filter(s, func(int) bool { require.NoError(t, ctx.Err()); return true })
			n := 0
			require.Equal(t, errItem, pipeline.ForEach(ctx, s, func(context.Context, int) error {
				if n++; n == 10 {
					synctest.Wait() // all results are there
					cancel(errItem)
				}
				return nil
			}))
			require.Equal(t, 10, n)
		})
	}
}
