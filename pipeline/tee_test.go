package pipeline_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/pipeline"
)

type sinkFunc = func(context.Context, pipeline.Stream[int]) error

// collect makes a sink that keeps what it gets.
func collect(into *[]int) sinkFunc {
	return func(ctx context.Context, branch pipeline.Stream[int]) (err error) {
		*into, err = pipeline.Collect(ctx, branch)
		return err
	}
}

// first makes a sink that has seen enough after n items.
func first(n int, into *[]int) sinkFunc {
	return func(ctx context.Context, branch pipeline.Stream[int]) (err error) {
		*into, err = pipeline.Collect(ctx, pipeline.Take(branch, n))
		return err
	}
}

func TestTeeDelivers(t *testing.T) {
	all := slices.Collect(upTo(500))
	inBubble(t, "each sink gets all", func(t *testing.T) {
		var a, b, c []int
		require.NoError(t, pipeline.Tee(t.Context(), pipeline.From(upTo(500)), collect(&a), collect(&b), collect(&c)))
		require.Equal(t, [][]int{all, all, all}, [][]int{a, b, c})
	})
	inBubble(t, "a branch that ends early detaches, the others run on", func(t *testing.T) {
		var a, b, c []int
		never := func(context.Context, pipeline.Stream[int]) error { return nil }
		require.NoError(t, pipeline.Tee(t.Context(), pipeline.From(upTo(500)), first(3, &a), collect(&b), never, first(100, &c)))
		require.Equal(t, [][]int{all[:3], all, all[:100]}, [][]int{a, b, c})
	})
	inBubble(t, "when all have left, the stream ends", func(t *testing.T) {
		var a, b []int
		pulled := 0
		counted := func(yield func(int) bool) {
			endless(func(item int) bool { pulled++; return yield(item) })
		}
		require.NoError(t, pipeline.Tee(t.Context(), pipeline.From(counted), first(3, &a), first(5, &b)))
		require.Equal(t, [][]int{all[:3], all[:5]}, [][]int{a, b})
		require.LessOrEqual(t, pulled, 5+64+1)
		require.NoError(t, pipeline.Tee(t.Context(), pipeline.From(endless)), "no sink at all")
	})
	inBubble(t, "the slowest sets the pace", func(t *testing.T) {
		begin := time.Now()
		slow := func(ctx context.Context, branch pipeline.Stream[int]) error {
			return pipeline.ForEach(ctx, branch, func(context.Context, int) error { time.Sleep(time.Second); return nil })
		}
		ahead, done := 0, 0
		fast := func(ctx context.Context, branch pipeline.Stream[int]) error {
			return pipeline.ForEach(ctx, branch, func(context.Context, int) error {
				done++
				ahead = max(ahead, done-int(time.Since(begin)/time.Second))
				return nil
			})
		}
		require.NoError(t, pipeline.Tee(t.Context(), pipeline.From(upTo(500)), slow, fast))
		require.Equal(t, 500*time.Second, time.Since(begin))
		require.LessOrEqual(t, ahead, 1+64+1)
	})
	inBubble(t, "a Tee in a Tee", func(t *testing.T) {
		var a, b, c []int
		require.NoError(t, pipeline.Tee(t.Context(), pipeline.From(upTo(500)), collect(&a), func(ctx context.Context, branch pipeline.Stream[int]) error {
			return pipeline.Tee(ctx, pipeline.Map(branch, keep, pipeline.Workers(2)), collect(&b), collect(&c))
		}))
		require.Equal(t, [][]int{all, all, all}, [][]int{a, b, c})
	})
}

func TestTeeErrors(t *testing.T) {
	all := slices.Collect(upTo(500))
	inBubble(t, "an error of the stream comes to all in its turn, and is returned once", func(t *testing.T) {
		bad := pipeline.Map(pipeline.From(upTo(500)), failsAt(100))
		want := &pipeline.StageError{Stage: "Map", Index: 100, Err: errItem}
		var a, b, c []int
		slow := func(ctx context.Context, branch pipeline.Stream[int]) error {
			return pipeline.ForEach(ctx, branch, func(_ context.Context, item int) error { time.Sleep(time.Second); b = append(b, item); return nil })
		}
		swallows := func(ctx context.Context, branch pipeline.Stream[int]) error {
			assert.Equal(t, want, collect(&c)(ctx, branch))
			return nil
		}
		require.Equal(t, want, pipeline.Tee(t.Context(), bad, collect(&a), slow, swallows))
		require.Equal(t, [][]int{all[:100], all[:100], all[:100]}, [][]int{a, b, c})
		require.Equal(t, want, pipeline.Tee(t.Context(), bad, swallows), "also if no sink says so")
	})
	inBubble(t, "the first error of a sink ends the others", func(t *testing.T) {
		begin := time.Now()
		fails := func(ctx context.Context, branch pipeline.Stream[int]) error {
			time.Sleep(time.Second)
			return errItem
		}
		var waits error
		waiting := func(ctx context.Context, branch pipeline.Stream[int]) error {
			<-ctx.Done()
			waits = context.Cause(ctx)
			return ctx.Err()
		}
		err := pipeline.Tee(t.Context(), pipeline.FromChan(make(chan int)), waiting, fails)
		require.Equal(t, &pipeline.StageError{Stage: "Tee", Index: 1, Err: errItem}, err)
		require.Equal(t, err, waits)
		require.Equal(t, time.Second, time.Since(begin))
	})
	inBubble(t, "a StageError of a sink comes as it is", func(t *testing.T) {
		err := pipeline.Tee(t.Context(), pipeline.From(upTo(9)), func(ctx context.Context, branch pipeline.Stream[int]) error {
			return pipeline.ForEach(ctx, branch, func(_ context.Context, item int) error {
				if item == 4 {
					return errItem
				}
				return nil
			}, pipeline.Name("writes"))
		})
		require.Equal(t, &pipeline.StageError{Stage: "writes", Index: 4, Err: errItem}, err)
	})
	inBubble(t, "what a sink makes of the stream's error ends no other", func(t *testing.T) {
		bad := pipeline.Map(pipeline.From(upTo(9)), failsAt(3))
		var b []int
		err := pipeline.Tee(t.Context(), bad, func(ctx context.Context, branch pipeline.Stream[int]) error {
			assert.Error(t, pipeline.Drain(ctx, branch))
			return errors.New("mine")
		}, func(ctx context.Context, branch pipeline.Stream[int]) error {
			return pipeline.ForEach(ctx, branch, func(_ context.Context, item int) error { time.Sleep(time.Second); b = append(b, item); return nil })
		})
		require.Equal(t, &pipeline.StageError{Stage: "Map", Index: 3, Err: errItem}, err)
		require.Equal(t, all[:3], b)
	})
	inBubble(t, "an error of a sink's own stage, while the stream goes on", func(t *testing.T) {
		for _, opts := range [][]pipeline.Option{nil, {pipeline.Workers(2)}, {pipeline.Workers(2), pipeline.Unordered()}} {
			err := pipeline.Tee(t.Context(), pipeline.From(upTo(500)), func(ctx context.Context, branch pipeline.Stream[int]) error {
				return pipeline.Drain(ctx, pipeline.Map(branch, failsAt(30), opts...))
			})
			require.Equal(t, &pipeline.StageError{Stage: "Map", Index: 30, Err: errItem}, err)
		}
	})
	inBubble(t, "a sink may return a panic as an error", func(t *testing.T) {
		panicked := &braid.PanicError{Value: "a future's"}
		err := pipeline.Tee(t.Context(), pipeline.From(upTo(5)), func(context.Context, pipeline.Stream[int]) error { return panicked })
		require.Equal(t, &pipeline.StageError{Stage: "Tee", Index: 0, Err: panicked}, err)
	})
}

func TestTeePanicsAndExits(t *testing.T) {
	all := slices.Collect(upTo(500))
	inBubble(t, "a panic of a sink", func(t *testing.T) {
		defer func() { require.Equal(t, "sink", recover().(*braid.PanicError).Value) }()
		var a []int
		pipeline.Tee(t.Context(), pipeline.From(upTo(500)), collect(&a), func(ctx context.Context, branch pipeline.Stream[int]) error {
			panic("sink")
		})
		t.Error("returned")
	})
	inBubble(t, "a sink that calls runtime.Goexit", func(t *testing.T) {
		var a []int
		err := pipeline.Tee(t.Context(), pipeline.From(upTo(500)), collect(&a), func(ctx context.Context, branch pipeline.Stream[int]) error {
			runtime.Goexit()
			return nil
		})
		require.Equal(t, &pipeline.StageError{Stage: "Tee", Index: 1, Err: braid.ErrGoexit}, err)
	})
	for _, ends := range []string{"panics", "exits"} {
		inBubble(t, "the sinks get what came before the stream "+ends, func(t *testing.T) {
			bad := pipeline.Map(pipeline.From(upTo(10)), func(_ context.Context, item int) (int, error) {
				switch {
				case item == 5 && ends == "panics":
					panic("five")
				case item == 5:
					runtime.Goexit()
				}
				return item, nil
			})
			var got []int
			var caller sync.WaitGroup
			caller.Go(func() {
				defer func() {
					if ends == "panics" {
						assert.Equal(t, "five", recover().(*braid.PanicError).Value)
					}
				}()
				pipeline.Tee(t.Context(), bad, func(ctx context.Context, branch pipeline.Stream[int]) error {
					for item, err := range branch.All(ctx) {
						if err != nil {
							return err
						}
						time.Sleep(time.Second)
						got = append(got, item)
					}
					return nil
				})
				t.Error("returned")
			})
			caller.Wait()
			require.Equal(t, all[:5], got)
		})
	}
	inBubble(t, "a panic of a sink is an error for the others", func(t *testing.T) {
		var others error
		require.Panics(t, func() {
			pipeline.Tee(t.Context(), pipeline.FromChan(make(chan int)), func(context.Context, pipeline.Stream[int]) error {
				panic("one")
			}, func(ctx context.Context, branch pipeline.Stream[int]) error {
				others = pipeline.Drain(ctx, branch)
				return others
			})
		})
		require.Equal(t, "one", others.(*braid.PanicError).Value)
	})
}

func TestTeeLifetime(t *testing.T) {
	inBubble(t, "the end of the context", func(t *testing.T) {
		cause := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
		defer cancel()
		var a, b []int
		require.Equal(t, cause, pipeline.Tee(ctx, pipeline.FromChan(make(chan int)), collect(&a), collect(&b)))
		called := false
		require.Equal(t, cause, pipeline.Tee(ctx, pipeline.From(upTo(3)), func(context.Context, pipeline.Stream[int]) error { called = true; return nil }))
		require.False(t, called, "dead before the call")
	})
	inBubble(t, "a sink that does not know of the end of the context", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(1500*ms, func() { cancel(errItem) })
		n := 0
		err := pipeline.Tee(ctx, pipeline.From(upTo(5)), func(_ context.Context, branch pipeline.Stream[int]) error {
			return pipeline.ForEach(context.Background(), branch, func(context.Context, int) error { time.Sleep(time.Second); n++; return nil })
		})
		require.Less(t, n, 5)
		require.Equal(t, errItem, err)
	})
	inBubble(t, "the end of the context, and a sink that makes nothing of it", func(t *testing.T) {
		for _, opts := range [][]pipeline.Option{nil, {pipeline.Buffer(1)}, {pipeline.Workers(2)}} {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Minute+ms, func() { cancel(errItem) })
			s := pipeline.Map(pipeline.From(upTo(1_000_000)), sleeps(time.Second), opts...)
			require.Equal(t, errItem, pipeline.Tee(ctx, s, func(ctx context.Context, branch pipeline.Stream[int]) error {
				for range branch.All(ctx) {
					time.Sleep(3 * time.Second)
				}
				return nil
			}))
		}
	})
	inBubble(t, "a branch can be run once, while Tee runs", func(t *testing.T) {
		var kept pipeline.Stream[int]
		require.NoError(t, pipeline.Tee(t.Context(), pipeline.From(upTo(9)), func(ctx context.Context, branch pipeline.Stream[int]) error {
			kept = branch
			assert.NoError(t, pipeline.Drain(ctx, branch))
			assert.ErrorIs(t, pipeline.Drain(ctx, branch), pipeline.ErrBranch)
			return nil
		}))
		require.ErrorIs(t, pipeline.Drain(t.Context(), kept), pipeline.ErrBranch)
		require.NoError(t, pipeline.Tee(t.Context(), pipeline.From(upTo(9)), func(_ context.Context, branch pipeline.Stream[int]) error {
			kept = branch
			return nil
		}))
		require.ErrorIs(t, pipeline.Drain(t.Context(), kept), pipeline.ErrBranch, "never run, and too late")
	})
}

func TestMerge(t *testing.T) {
	inBubble(t, "a panic in another stream than the one that has failed is not lost", func(t *testing.T) {
		bad := pipeline.Generate(func(context.Context, func(int) bool) error { time.Sleep(time.Second); return errItem })
		panics := pipeline.Generate(func(ctx context.Context, _ func(int) bool) error { <-ctx.Done(); panic("cleanup") })
		require.Panics(t, func() { pipeline.Drain(t.Context(), pipeline.Merge(bad, panics)) })
	})
	inBubble(t, "the items of each stay in order", func(t *testing.T) {
		seconds := at(0, 1*time.Second, 2*time.Second)
		halves := pipeline.Map(at(500*ms, 1500*ms, 2500*ms), func(_ context.Context, item int) (int, error) { return item + 10, nil })
		got, err := pipeline.Collect(t.Context(), pipeline.Merge(seconds, halves))
		require.NoError(t, err)
		require.Equal(t, []int{0, 10, 1, 11, 2, 12}, got)
	})
	inBubble(t, "of none", func(t *testing.T) {
		require.NoError(t, pipeline.Drain(t.Context(), pipeline.Merge[int]()))
	})
	inBubble(t, "one that fails ends the others, behind what came before", func(t *testing.T) {
		begin := time.Now()
		bad := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
			time.Sleep(1500 * ms)
			yield(7)
			return errItem
		})
		var told time.Duration
		silent := pipeline.Generate(func(ctx context.Context, _ func(int) bool) error {
			<-ctx.Done()
			told = time.Since(begin)
			return ctx.Err()
		})
		got, err := pipeline.Collect(t.Context(), pipeline.Map(pipeline.Merge(at(0, 1*time.Second, time.Hour), bad, silent), sleeps(time.Minute)))
		require.Equal(t, []int{0, 1, 7}, got)
		require.Equal(t, &pipeline.StageError{Stage: "Generate", Index: 1, Err: errItem}, err)
		require.Equal(t, 1500*ms, told)
	})
	source := func(yield func(int) bool) { // slow enough for the others to be there
		endless(func(item int) bool { time.Sleep(time.Second); return yield(item) })
	}
	inBubble(t, "a break ends them all", func(t *testing.T) {
		n := 0
		for _, err := range pipeline.Merge(pipeline.From(source), pipeline.From(source), pipeline.FromChan(make(chan int))).All(t.Context()) {
			require.NoError(t, err)
			if n++; n == 5 {
				break
			}
		}
		require.Equal(t, 5, n)
	})
	inBubble(t, "who has had enough ends them all at once, however slow what is behind", func(t *testing.T) {
		begin := time.Now()
		var told time.Duration
		silent := pipeline.Generate(func(ctx context.Context, _ func(int) bool) error {
			<-ctx.Done()
			told = time.Since(begin)
			return ctx.Err()
		})
		s := pipeline.Take(pipeline.Merge(pipeline.From(source), silent), 3)
		require.NoError(t, pipeline.ForEach(t.Context(), pipeline.Batch(s, 100, 0), func(context.Context, []int) error { time.Sleep(time.Hour); return nil }))
		require.Equal(t, 3*time.Second, told)
	})
	inBubble(t, "a panic of one is raised when the others have ended", func(t *testing.T) {
		ended := false
		slow := pipeline.Generate(func(ctx context.Context, _ func(int) bool) error {
			<-ctx.Done()
			time.Sleep(time.Second)
			ended = true
			return ctx.Err()
		})
		defer func() {
			require.Equal(t, "at 50", recover().(*braid.PanicError).Value)
			require.True(t, ended)
		}()
		pipeline.Drain(t.Context(), pipeline.Merge(pipeline.From(source), slow, pipeline.Map(pipeline.From(upTo(100)), explodes)))
		t.Error("returned")
	})
	inBubble(t, "the end of the context", func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute+ms, errItem)
		defer cancel()
		got, err := pipeline.Collect(ctx, pipeline.Merge(pipeline.From(source), pipeline.FromChan(make(chan int))))
		require.Equal(t, errItem, err)
		require.Equal(t, slices.Collect(upTo(60)), got)
	})
}
