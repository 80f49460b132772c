package fanout_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/fanout"
)

var errElement = errors.New("the element failed")

// The failure names its input, wherever it is.
func TestMapNamesTheInput(t *testing.T) {
	for _, bad := range []int{0, 1, 499, 500, 998, 999} {
		for _, workers := range []int{1, 2, 7, 1000, 5000} {
			out, err := fanout.Map(t.Context(), workers, integers[:1000], func(_ context.Context, n int) (int, error) {
				if n == bad {
					return 0, errElement
				}
				return n, nil
			})
			require.Equal(t, &fanout.IndexError{Index: bad, Err: errElement}, err)
			require.EqualError(t, err, fmt.Sprintf("input %d: the element failed", bad))
			require.Len(t, out, 1000)
		}
	}
}

func TestMapNamesTheInputThatExited(t *testing.T) {
	_, err := fanout.Map(t.Context(), 3, integers[:10], func(_ context.Context, n int) (int, error) {
		if n == 7 {
			runtime.Goexit()
		}
		return n, nil
	})
	require.Equal(t, &fanout.IndexError{Index: 7, Err: braid.ErrGoexit}, err)
}

// While an element is not started, no worker is idle: the work takes no longer than
// all of it divided by the workers, and the longest element.
func TestMapWithTheExpensiveElementsAtTheEnd(t *testing.T) {
	for _, workers := range []int{2, 3, 8} {
		synctest.Test(t, func(t *testing.T) {
			const cheap, expensive, times = 1900, 100, 1000
			begin := time.Now()
			_, err := fanout.Map(t.Context(), workers, integers[:cheap+expensive], func(_ context.Context, n int) (int, error) {
				cost := time.Millisecond
				if n >= cheap {
					cost *= times
				}
				time.Sleep(cost)
				return n, nil
			})
			require.NoError(t, err)
			most := (cheap+expensive*times)*time.Millisecond/time.Duration(workers) + times*time.Millisecond
			require.LessOrEqual(t, time.Since(begin), most)
		})
	}
}

// An element that blocks keeps no unstarted one from an idle worker, whichever it is
// and wherever the shares begin.
func TestMapEveryElementWaitsForTheNextToStart(t *testing.T) {
	for _, n := range []int{2, 3, 10, 33} {
		synctest.Test(t, func(t *testing.T) {
			started := make([]chan struct{}, n)
			for i := range started {
				started[i] = make(chan struct{})
			}
			_, err := fanout.Map(t.Context(), n, integers[:n], func(_ context.Context, i int) (int, error) {
				close(started[i])
				if i+1 < n {
					<-started[i+1]
				}
				return i, nil
			})
			require.NoError(t, err)
		})
	}
}

// An element may wait for an earlier one: with any number of workers, the first of
// those that are not done is running, or its worker is about to start it.
func TestMapEveryElementWaitsForTheOneBefore(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 16} {
		synctest.Test(t, func(t *testing.T) {
			const n = 500
			done := make([]chan struct{}, n)
			for i := range done {
				done[i] = make(chan struct{})
			}
			_, err := fanout.Map(t.Context(), workers, integers[:n], func(_ context.Context, i int) (int, error) {
				if i > 0 {
					<-done[i-1]
				}
				close(done[i])
				return i, nil
			})
			require.NoError(t, err)
		})
	}
}

func TestMapStopsAtTheContextAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	var started atomic.Int64
	out, err := fanout.Map(ctx, 1, integers[:1000], func(ctx context.Context, n int) (int, error) {
		started.Add(1)
		if n == 41 {
			cancel(errElement)
			require.Error(t, ctx.Err(), "the callback's context is a child")
		}
		return n, nil
	})
	require.Equal(t, errElement, err)
	require.EqualValues(t, 42, started.Load())
	require.Equal(t, 41, out[41])
	require.Zero(t, out[42])
}

// A finished result is handed over even to a dead context.
func TestMapThatIsDoneWhenTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out, err := fanout.Map(ctx, 4, integers[:100], func(_ context.Context, n int) (int, error) {
		if n == 99 {
			cancel()
		}
		return n, nil
	})
	if err == nil { // the last to start was the one that cancels
		require.Equal(t, integers[:100], out)
	} else {
		require.ErrorIs(t, err, context.Canceled)
	}
	ctx, cancel = context.WithCancel(t.Context())
	out, err = fanout.Map(ctx, 1, integers[:100], func(_ context.Context, n int) (int, error) {
		if n == 99 {
			cancel()
		}
		return n, nil
	})
	require.NoError(t, err)
	require.Equal(t, integers[:100], out)
}

// A failure after the context's end is its consequence.
func TestMapReturnsTheCauseThatCameFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("too late")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
		defer cancel()
		_, err := fanout.Map(ctx, 3, integers[:3], func(ctx context.Context, n int) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		})
		require.Equal(t, cause, err)

		ctx, cancel = context.WithTimeoutCause(t.Context(), time.Second, cause)
		defer cancel()
		_, err = fanout.Map(ctx, 3, integers[:3], func(ctx context.Context, n int) (int, error) {
			if n == 1 {
				return 0, errElement
			}
			<-ctx.Done()
			require.Equal(t, &fanout.IndexError{Index: 1, Err: errElement}, context.Cause(ctx))
			time.Sleep(time.Hour)
			return 0, ctx.Err()
		})
		require.Equal(t, &fanout.IndexError{Index: 1, Err: errElement}, err)
	})
}

// A panic is never lost, not even to an error that came before.
func TestMapRaisesAPanicThatComesAfterAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func() { require.Equal(t, "later", recover().(*braid.PanicError).Value) }()
		fanout.Map(t.Context(), 2, integers[:2], func(ctx context.Context, n int) (int, error) {
			if n == 0 {
				synctest.Wait() // the other has begun
				return 0, errElement
			}
			<-ctx.Done()
			panic("later")
		})
	})
}

func TestMapStartsNoMoreWorkersThanElements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		var caller sync.WaitGroup
		caller.Go(func() {
			fanout.Map(t.Context(), 1_000_000_000, integers[:3], func(context.Context, int) (int, error) {
				time.Sleep(time.Second)
				return 0, nil
			})
		})
		synctest.Wait()
		require.LessOrEqual(t, runtime.NumGoroutine(), before+1+3, "the caller and three workers; somebody of before may have ended")
		caller.Wait()
	})
}

// More elements than a share can count are done in pieces.
func TestMapInPieces(t *testing.T) {
	defer fanout.SetMostItems(10)()
	for n := range 35 {
		out, err := fanout.Map(t.Context(), 3, integers[:n], double)
		require.NoError(t, err)
		for i, got := range out {
			require.Equal(t, 2*i, got)
		}
		_, err = fanout.Map(t.Context(), 3, integers[:n+1], func(_ context.Context, i int) (int, error) {
			if i == n {
				return 0, errElement
			}
			return 0, nil
		})
		require.Equal(t, &fanout.IndexError{Index: n, Err: errElement}, err)
		ctx, cancel := context.WithCancelCause(t.Context())
		ran := 0
		for i, result := range fanout.Settle(ctx, 1, integers[:35], func(_ context.Context, i int) (int, error) {
			if ran++; i == n {
				cancel(errElement)
			}
			return i, nil
		}) {
			if i <= n {
				require.Equal(t, fanout.Result[int]{Value: i}, result)
			} else {
				require.Equal(t, fanout.Result[int]{Err: errElement}, result)
			}
		}
		require.Equal(t, n+1, ran)
	}
}

func TestSettleGivesEachItsOwn(t *testing.T) {
	results := fanout.Settle(t.Context(), 3, integers[:100], func(_ context.Context, n int) (int, error) {
		switch n % 3 {
		case 0:
			return 0, errElement
		case 1:
			runtime.Goexit()
		}
		return n, nil
	})
	for n, result := range results {
		want := []fanout.Result[int]{{Err: errElement}, {Err: braid.ErrGoexit}, {Value: n}}
		require.Equal(t, want[n%3], result)
	}
}

func TestSettleOfADeadContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errElement)
	results := fanout.Settle(ctx, 2, integers[:3], double)
	require.Equal(t, []fanout.Result[int]{{Err: errElement}, {Err: errElement}, {Err: errElement}}, results)
}

func TestAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var meeting sync.WaitGroup
		meeting.Add(3)
		meet := func(context.Context) error { meeting.Done(); meeting.Wait(); return nil }
		require.NoError(t, fanout.All(t.Context(), meet, meet, meet), "all at the same time")

		wait := func(ctx context.Context) error { <-ctx.Done(); time.Sleep(time.Second); return ctx.Err() }
		fail := func(context.Context) error { synctest.Wait(); return errElement }
		begin := time.Now()
		err := fanout.All(t.Context(), wait, fail, wait)
		require.Equal(t, &fanout.IndexError{Index: 1, Err: errElement}, err)
		require.Equal(t, time.Second, time.Since(begin), "the others are waited for")

		defer func() { require.Equal(t, "broken", recover().(*braid.PanicError).Value) }()
		fanout.All(t.Context(), wait, func(context.Context) error { panic("broken") })
	})
}

// A function that has failed before another begins does not keep that from being
// called: it may have a channel to close.
func TestAllCallsAllFunctions(t *testing.T) {
	for range 100 {
		c := make(chan int)
		err := fanout.All(t.Context(),
			func(context.Context) error { defer close(c); return nil },
			func(context.Context) error { <-c; return nil },
			func(context.Context) error { return errElement })
		require.Equal(t, &fanout.IndexError{Index: 2, Err: errElement}, err)
	}
}

// A million elements take no more memory than their results.
func TestMapMemoryIsFlat(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := fanout.Map(t.Context(), 8, integers, func(context.Context, int) (struct{}, error) { return struct{}{}, nil })
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}
