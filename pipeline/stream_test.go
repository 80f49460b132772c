package pipeline_test

import (
	"context"
	"iter"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/testkit"
	"github.com/braidgo/braid/pipeline"
)

// What doc.go promises of every stream, each promise by its name.

func double(_ context.Context, item int) (int, error) { return 2 * item, nil }

// twice is a FlatMap that yields each item twice.
func twice(_ context.Context, item int, yield func(int) bool) error {
	if yield(item) {
		yield(item)
	}
	return nil
}

func TestLazy(t *testing.T) {
	eachShape(t, func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int]) {
		before := runtime.NumGoroutine()
		runs := 0
		s := through(pipeline.From(func(yield func(int) bool) { runs++; upTo(10)(yield) }))
		_ = s.All(t.Context())                                                                      // has not been ranged over
		require.LessOrEqual(t, runtime.NumGoroutine(), before, "an unused stream owns a goroutine") // somebody of before may have ended
		require.Zero(t, runs)
		for range 3 {
			items, err := pipeline.Collect(t.Context(), s)
			require.NoError(t, err)
			require.ElementsMatch(t, slices.Collect(upTo(10)), items)
		}
		require.Equal(t, 3, runs)
	})
}

func TestFused(t *testing.T) {
	const items = 10_000
	goroutines := 0
	s := pipeline.Map(pipeline.From(upTo(items)), double)
	s = pipeline.FlatMap(s, twice)
	s = pipeline.MapByKey(s, func(item int) int { return item % 10 }, double)
	s = pipeline.Filter(s, func(item int) bool { return item%8 == 0 })
	s = pipeline.Take(pipeline.Flatten(pipeline.Batch(s, 100, 0)), items)
	before := runtime.NumGoroutine()
	count := func(n, _ int) (int, error) {
		goroutines = max(goroutines, runtime.NumGoroutine())
		return n + 1, nil
	}
	n, err := pipeline.Reduce(context.Background(), s, 0, count)
	require.NoError(t, err)
	require.Equal(t, items, n)
	require.LessOrEqual(t, goroutines, before, "a fused stage has a goroutine")

	if !testkit.Race {
		s := pipeline.Filter(pipeline.Map(pipeline.FlatMap(pipeline.From(upTo(items)), twice), double), func(item int) bool { return item%4 == 0 })
		allocs := testing.AllocsPerRun(10, func() { require.NoError(t, pipeline.Drain(context.Background(), s)) })
		require.Less(t, allocs, 60.0, "allocations for %d items", items)
	}
}

func TestNeverHeldBack(t *testing.T) {
	eachShape(t, func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int]) {
		begin := time.Now()
		var came []time.Duration
		s := pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
			for i := 0; yield(i); i++ {
				select {
				case <-time.After(time.Hour): // silent
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
		for _, err := range through(s).All(t.Context()) {
			require.NoError(t, err)
			if came = append(came, time.Since(begin).Round(time.Second)); len(came) == 3 {
				break
			}
		}
		require.Equal(t, []time.Duration{0, time.Hour, 2 * time.Hour}, came)
		require.Less(t, time.Since(begin), 2*time.Hour+time.Second, "break waits for nothing")
	})
}

func TestOrdered(t *testing.T) {
	const items, bad = 100, 37
	sleepy := func(_ context.Context, item int) (int, error) {
		time.Sleep(time.Duration(items-item) * time.Millisecond) // the later, the sooner
		if item == bad || item == bad+1 {
			return 0, errItem
		}
		return item, nil
	}
	for name, opts := range map[string][]pipeline.Option{
		"fused":              nil,
		"a worker":           {pipeline.Workers(1)},
		"workers":            {pipeline.Workers(8)},
		"workers, no buffer": {pipeline.Workers(8), pipeline.Buffer(0)},
		"workers, a buffer":  {pipeline.Workers(8), pipeline.Buffer(1000)},
	} {
		opts = append(opts, pipeline.Name("sleepy"))
		flat := func(ctx context.Context, item int, yield func(int) bool) error {
			item, err := sleepy(ctx, item)
			if err == nil {
				yield(item)
			}
			return err
		}
		for kind, stage := range map[string]func(pipeline.Stream[int]) pipeline.Stream[int]{
			"Map":     func(s pipeline.Stream[int]) pipeline.Stream[int] { return pipeline.Map(s, sleepy, opts...) },
			"FlatMap": func(s pipeline.Stream[int]) pipeline.Stream[int] { return pipeline.FlatMap(s, flat, opts...) },
			"MapByKey": func(s pipeline.Stream[int]) pipeline.Stream[int] {
				return pipeline.MapByKey(s, func(i int) int { return i % 5 }, sleepy, opts...)
			},
		} {
			inBubble(t, kind+"/"+name, func(t *testing.T) {
				s := pipeline.Map(stage(pipeline.From(upTo(items))), keep, pipeline.Workers(2)) // what is behind it sees the same
				got, err := pipeline.Collect(t.Context(), s)
				require.Equal(t, slices.Collect(upTo(bad)), got, "exactly the items before the bad one")
				var failed *pipeline.StageError
				require.ErrorAs(t, err, &failed)
				require.Equal(t, pipeline.StageError{Stage: "sleepy", Index: bad, Err: errItem}, *failed)
				require.Equal(t, failed, err, "one error, and nothing around it")
			})
		}
	}
}

func TestBounded(t *testing.T) {
	for name, test := range map[string]struct {
		through func(pipeline.Stream[int], func(context.Context, int) (int, error)) pipeline.Stream[int]
		most    int64 // items taken from the source when nothing moves any more, with the one that the source is about to hand on
	}{
		"fused": {func(s pipeline.Stream[int], f func(context.Context, int) (int, error)) pipeline.Stream[int] {
			return pipeline.Map(s, f)
		}, 1},
		"an empty buffer": {func(s pipeline.Stream[int], f func(context.Context, int) (int, error)) pipeline.Stream[int] {
			return pipeline.Map(s, f, pipeline.Buffer(0))
		}, 1 + 1},
		"a buffer of 7": {func(s pipeline.Stream[int], f func(context.Context, int) (int, error)) pipeline.Stream[int] {
			return pipeline.Map(s, f, pipeline.Buffer(7))
		}, 1 + 7 + 1},
		"workers": {func(s pipeline.Stream[int], f func(context.Context, int) (int, error)) pipeline.Stream[int] {
			return pipeline.Map(s, f, pipeline.Workers(3))
		}, 3 + 3 + 1}, // as many wait as there are workers, as long as nothing moves
		"workers and a buffer of 7": {func(s pipeline.Stream[int], f func(context.Context, int) (int, error)) pipeline.Stream[int] {
			return pipeline.Map(s, f, pipeline.Workers(3), pipeline.Buffer(7))
		}, 3 + 7 + 1},
		"workers and no buffer": {func(s pipeline.Stream[int], f func(context.Context, int) (int, error)) pipeline.Stream[int] {
			return pipeline.Map(s, f, pipeline.Workers(3), pipeline.Buffer(0))
		}, 3 + 1},
		"unordered": {func(s pipeline.Stream[int], f func(context.Context, int) (int, error)) pipeline.Stream[int] {
			return pipeline.Map(s, f, pipeline.Workers(3), pipeline.Buffer(7), pipeline.Unordered())
		}, 3 + 7 + 1},
		"by key": {func(s pipeline.Stream[int], f func(context.Context, int) (int, error)) pipeline.Stream[int] {
			return pipeline.MapByKey(s, func(int) int { return 0 }, f, pipeline.Workers(3), pipeline.Buffer(7))
		}, 3 + 7 + 1},
		"two stages": {func(s pipeline.Stream[int], f func(context.Context, int) (int, error)) pipeline.Stream[int] {
			return pipeline.Map(pipeline.Map(s, keep, pipeline.Workers(2), pipeline.Buffer(3)), f, pipeline.Workers(2), pipeline.Buffer(3))
		}, 2 * (2 + 3 + 1)},
	} {
		for _, slow := range []string{"the stage", "the sink"} {
			inBubble(t, name+"/"+slow+" does not move", func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				var taken atomic.Int64
				stuck := func(ctx context.Context, item int) (int, error) {
					if slow == "the stage" {
						<-ctx.Done()
					}
					return item, nil
				}
				s := test.through(pipeline.From(func(yield func(int) bool) {
					for i := 0; ; i++ {
						taken.Add(1)
						if !yield(i) {
							return
						}
					}
				}), stuck)
				ended := make(chan error)
				go func() {
					ended <- pipeline.ForEach(ctx, s, func(ctx context.Context, _ int) error { <-ctx.Done(); return nil })
				}()
				synctest.Wait() // everything that can happen has happened
				most := test.most
				if slow == "the sink" && name != "fused" && name != "an empty buffer" && name != "a buffer of 7" {
					most++ // which has one of its own
				}
				if slow == "the sink" && name == "workers" {
					require.LessOrEqual(t, taken.Load(), int64(3+256+2), "it has moved before, and so the capacity may have grown")
				} else {
					require.EqualValues(t, most, taken.Load())
				}
				cancel(errItem)
				require.Equal(t, errItem, <-ended)
			})
		}
	}
}

func TestWorkersAllRun(t *testing.T) {
	for name, opts := range map[string][]pipeline.Option{"ordered": {}, "unordered": {pipeline.Unordered()}} {
		inBubble(t, name, func(t *testing.T) {
			const workers = 16
			var running, most atomic.Int64
			begin := time.Now()
			s := pipeline.Map(pipeline.From(upTo(workers*10)), func(context.Context, int) (int, error) {
				most.Store(max(most.Load(), running.Add(1)))
				defer running.Add(-1)
				time.Sleep(time.Second)
				return 0, nil
			}, append(opts, pipeline.Workers(workers), pipeline.Buffer(0))...)
			require.NoError(t, pipeline.Drain(t.Context(), s))
			require.EqualValues(t, workers, most.Load())
			require.Equal(t, 10*time.Second, time.Since(begin), "a worker was idle while there was work")
		})
	}
}

func TestOneErrorOnce(t *testing.T) {
	stage := &pipeline.StageError{Stage: "From", Index: 3, Err: errItem}
	require.Equal(t, "From: input 3: the item is bad", stage.Error())
	eachShape(t, func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int]) {
		failing := pipeline.FromSeq2(func(context.Context) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) {
				for i := range 3 {
					if !yield(i, nil) {
						return
					}
				}
				assert.False(t, yield(0, errItem))
			}
		})
		want := &pipeline.StageError{Stage: "FromSeq2", Index: 3, Err: errItem}
		var errs []error
		n := 0
		for _, err := range through(failing).All(t.Context()) {
			if err != nil {
				errs = append(errs, err)
			} else {
				n++
			}
		}
		require.Equal(t, []error{want}, errs)
		require.Equal(t, 3, n)
		got, err := pipeline.Collect(t.Context(), through(failing))
		require.Equal(t, want, err)
		require.Len(t, got, 3)
	})
}

func TestTheCauseOfTheContext(t *testing.T) {
	eachShape(t, func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int]) {
		for name, source := range map[string]pipeline.Stream[int]{
			"busy": pipeline.From(func(yield func(int) bool) {
				for i := 0; yield(i); i++ {
					time.Sleep(time.Millisecond)
				}
			}),
			"silent":  pipeline.FromChan(make(chan int)),
			"obeying": pipeline.Generate(func(ctx context.Context, _ func(int) bool) error { <-ctx.Done(); return ctx.Err() }),
		} {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errItem)
			begin := time.Now()
			require.Equal(t, errItem, pipeline.Drain(ctx, through(source)), name)
			require.LessOrEqual(t, time.Since(begin), time.Second+time.Millisecond, "which is as long as the busy one takes for an item")
			require.Equal(t, errItem, pipeline.Drain(ctx, through(source)), "dead before the call")
			cancel()
		}
	})
}

// The bubble fails the test if a goroutine is left that waits, and an item that is begun
// later is noticed here.
func TestBreakLeavesNothing(t *testing.T) {
	eachShape(t, func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int]) {
		over := false
		source := func(yield func(int) bool) {
			endless(func(item int) bool {
				return assert.False(t, over, "an item after the loop") && yield(item)
			})
		}
		n := 0
		for _, err := range through(pipeline.From(source)).All(t.Context()) {
			require.NoError(t, err)
			if n++; n == 3 {
				break
			}
		}
		over = true // a race, if somebody is left
		time.Sleep(time.Hour)
	})
}

func TestPanicsAreRaisedInTheCaller(t *testing.T) {
	eachShape(t, func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int]) {
		for name, s := range map[string]pipeline.Stream[int]{
			"before it": through(pipeline.Map(pipeline.From(upTo(100)), explodes)),
			"behind it": pipeline.Map(through(pipeline.From(upTo(100))), explodes),
		} {
			func() {
				defer func() {
					panicked, ok := recover().(*braid.PanicError)
					require.True(t, ok, name)
					require.Equal(t, "at 50", panicked.Value)
					require.Contains(t, string(panicked.Stack), "pipeline_test.explodes", "the stack shows where it began")
				}()
				pipeline.Drain(t.Context(), s)
				t.Error("returned")
			}()
		}
	})
}

func explodes(_ context.Context, item int) (int, error) {
	if item == 50 {
		panic("at 50")
	}
	return item, nil
}

func TestThePanicOfTheLoopIsTheLoops(t *testing.T) {
	eachShape(t, func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int]) {
		defer func() { require.Equal(t, "mine", recover(), "as it is") }()
		for range through(pipeline.From(upTo(100))).All(t.Context()) {
			panic("mine")
		}
	})
}

func TestGoexitOfTheLoopIsTheLoops(t *testing.T) {
	eachShape(t, func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int]) {
		var loop sync.WaitGroup
		loop.Go(func() {
			for range through(pipeline.From(upTo(100))).All(t.Context()) {
				runtime.Goexit()
			}
			t.Error("Goexit was held back")
		})
		loop.Wait()
	})
}

func TestRunTwiceAtOnce(t *testing.T) {
	eachShape(t, func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int]) {
		s := through(through(pipeline.From(upTo(500))))
		var runs sync.WaitGroup
		for range 4 {
			runs.Go(func() {
				got, err := pipeline.Collect(t.Context(), s)
				assert.NoError(t, err)
				assert.ElementsMatch(t, slices.Collect(upTo(500)), got)
			})
		}
		runs.Wait()
	})
}

// Ten times as many items take no more memory, but for the slices of batches and for queues, which may
// have grown in one run and not in the other. At most 256 items wait in each of three lanes of
// MapByKey, in a slice with room for four times as many, of 24 bytes each, that grew by doubling: 150 kB.
func TestMemoryIsFlat(t *testing.T) {
	few := 10_000
	if testkit.Race {
		few = 3_000 // 8 bytes an item would be seen
	}
	const queues = 200_000
	flat := maps.Clone(shapes)
	maps.Copy(flat, unordered)
	delete(flat, "FlatMap, unordered") // makes each item a yield function of its own
	for name, through := range flat {
		t.Run(name, func(t *testing.T) {
			allocated := func(items int) int {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				require.NoError(t, pipeline.Drain(t.Context(), through(pipeline.From(upTo(items)))))
				runtime.ReadMemStats(&after)
				return int(after.TotalAlloc - before.TotalAlloc)
			}
			allocated(few)
			most := 0 // bytes an item
			if strings.HasSuffix(name, "and back") {
				most = 32
			}
			require.LessOrEqual(t, allocated(10*few)-allocated(few), 10*few*most+queues)
		})
	}
}

// No slot, and nobody who waits for the next item, keeps one that has gone through.
func TestNothingIsKeptOfWhatHasGoneThrough(t *testing.T) {
	type large = *[1 << 12]byte
	const items, workers = 300, 4
	same := func(_ context.Context, item large) (large, error) { return item, nil }
	one := func(_ context.Context, item large, yield func(large) bool) error { yield(item); return nil }
	for name, through := range map[string]func(pipeline.Stream[large]) pipeline.Stream[large]{
		"a buffer": func(s pipeline.Stream[large]) pipeline.Stream[large] {
			return pipeline.Map(s, same, pipeline.Buffer(20))
		},
		"workers": func(s pipeline.Stream[large]) pipeline.Stream[large] {
			return pipeline.Map(s, same, pipeline.Workers(workers))
		},
		"workers, unordered": func(s pipeline.Stream[large]) pipeline.Stream[large] {
			return pipeline.Map(s, same, pipeline.Workers(workers), pipeline.Unordered())
		},
		"FlatMap": func(s pipeline.Stream[large]) pipeline.Stream[large] {
			return pipeline.FlatMap(s, one, pipeline.Workers(workers))
		},
		"FlatMap, unordered": func(s pipeline.Stream[large]) pipeline.Stream[large] {
			return pipeline.FlatMap(s, one, pipeline.Workers(workers), pipeline.Unordered())
		},
		"MapByKey": func(s pipeline.Stream[large]) pipeline.Stream[large] {
			return pipeline.MapByKey(s, func(item large) byte { return item[0] }, same, pipeline.Workers(workers))
		},
		"Batch": func(s pipeline.Stream[large]) pipeline.Stream[large] {
			return pipeline.Flatten(pipeline.Batch(s, 10, 0))
		},
		"Batch, timed": func(s pipeline.Stream[large]) pipeline.Stream[large] {
			return pipeline.Flatten(pipeline.Batch(s, 10, time.Hour))
		},
		"Merge": func(s pipeline.Stream[large]) pipeline.Stream[large] { return pipeline.Merge(s) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				var all []weak.Pointer[[1 << 12]byte]
				s := pipeline.Generate(func(ctx context.Context, yield func(large) bool) error {
					for i := range items {
						item := large(new([1 << 12]byte))
						item[0] = byte(i % 3)
						all = append(all, weak.Make(item))
						yield(item)
					}
					<-ctx.Done()
					return ctx.Err()
				})
				n := 0
				ended := make(chan error)
				go func() {
					ended <- pipeline.ForEach(ctx, through(s), func(context.Context, large) error { n++; return nil })
				}()
				synctest.Wait() // all has gone through, and the source is silent
				require.Equal(t, items, n)
				runtime.GC()
				kept := 0
				for _, item := range all {
					if item.Value() != nil {
						kept++
					}
				}
				cancel(errItem)
				require.Equal(t, errItem, <-ended)
				require.LessOrEqual(t, kept, workers)
			})
		})
	}
}

// On real processors, where the end of the context meets every moment of a run: who gets
// no error has got all, and in order nobody gets anything but a beginning.
func TestTheContextEndsAtAnyMoment(t *testing.T) {
	const items = 50
	rounds := 300
	if testkit.Race {
		rounds = 50
	}
	test := func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int], ordered bool) {
		s := through(through(pipeline.From(upTo(items))))
		for round := range rounds {
			ctx, cancel := context.WithCancelCause(context.Background())
			var seen atomic.Int64
			go func() {
				for range 10 * round { // no two rounds at the same moment
					seen.Load()
				}
				cancel(errItem)
			}()
			got, err := pipeline.Collect(ctx, s)
			if err == nil {
				require.Len(t, got, items)
			} else {
				require.Equal(t, errItem, err)
			}
			if !ordered {
				slices.Sort(got)
				require.Len(t, slices.Compact(slices.Clone(got)), len(got), "an item came twice")
			} else {
				require.True(t, slices.Equal(slices.Collect(upTo(len(got))), got))
			}
			cancel(nil)
		}
	}
	for name, through := range shapes {
		t.Run(name, func(t *testing.T) { test(t, through, true) })
	}
	for name, through := range unordered {
		t.Run(name, func(t *testing.T) { test(t, through, false) })
	}
}
