package testkit

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
)

// Consumer is an exported function that runs a callback for each item of a
// sequence, on more than one goroutine, and returns when all have ended.
type Consumer struct {
	Name    string
	Run     func(ctx context.Context, in iter.Seq[int], f Callback) error
	Workers int  // callbacks at once
	Ahead   int  // the most items that wait for a worker
	Apart   bool // the sequence does not run on the caller's goroutine, but on one of its own
	InTurn  bool // the items before it are done to their ends before an end of the sequence counts
}

// unrun is the most items that may have been taken and not run: besides those that
// wait, the one that just comes, and one a worker that has it in its hands when
// the work ends.
func (c Consumer) unrun() int64 { return int64(c.Ahead + 1 + c.Workers) }

// Sequences puts c through what a sequence may do, each case in a synctest bubble.
func Sequences(t *testing.T, c Consumer) {
	for _, hostile := range sequences {
		t.Run(c.Name+"/"+hostile.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { hostile.test(t, c) })
		})
	}
}

// count yields 0, 1, 2 ... for ever, and counts how many were taken.
func count(taken *atomic.Int64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for n := 0; ; n++ {
			taken.Add(1)
			if !yield(n) {
				return
			}
		}
	}
}

func nothing(context.Context, int) error { return nil }

var sequences = []struct {
	name string
	test func(*testing.T, Consumer)
}{
	{"an endless source, and the context ends", func(t *testing.T, c Consumer) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var taken, ran atomic.Int64
		err := c.Run(ctx, count(&taken), func(context.Context, int) error {
			ran.Add(1)
			time.Sleep(time.Second)
			return nil
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.GreaterOrEqual(t, ran.Load(), int64(60))
		require.LessOrEqual(t, taken.Load()-ran.Load(), c.unrun())
	}},
	{"an endless source, and an item fails", func(t *testing.T, c Consumer) {
		var taken, ran atomic.Int64
		err := c.Run(t.Context(), count(&taken), func(_ context.Context, n int) error {
			ran.Add(1)
			if n == 1000 {
				return errItem
			}
			return nil
		})
		require.ErrorIs(t, err, errItem)
		require.Len(t, unwrapAll(err), 1, "the failure is returned once")
		require.LessOrEqual(t, taken.Load()-ran.Load(), c.unrun())
	}},
	{"nothing is taken ahead without bound", func(t *testing.T, c Consumer) {
		ctx, cancel := context.WithCancelCause(t.Context())
		var taken, ran atomic.Int64
		ended := make(chan error)
		go func() {
			ended <- c.Run(ctx, count(&taken), func(ctx context.Context, _ int) error {
				ran.Add(1)
				<-ctx.Done()
				return nil
			})
		}()
		synctest.Wait() // everything that can happen has happened
		require.LessOrEqual(t, taken.Load()-ran.Load(), c.unrun())
		cancel(errItem)
		require.ErrorIs(t, <-ended, errItem)
	}},
	{"the source blocks for ever on a wait that obeys the context", func(t *testing.T, c Consumer) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errItem)
		defer cancel()
		var ran atomic.Int64
		err := c.Run(ctx, func(yield func(int) bool) {
			if yield(0) {
				<-ctx.Done()
			}
		}, func(context.Context, int) error { ran.Add(1); return nil })
		require.ErrorIs(t, err, errItem)
		require.EqualValues(t, 1, ran.Load())
	}},
	{"the source is empty", func(t *testing.T, c Consumer) {
		before := runtime.NumGoroutine()
		if c.Apart {
			before++
		}
		require.NoError(t, c.Run(t.Context(), func(func(int) bool) {
			require.LessOrEqual(t, runtime.NumGoroutine(), before, "a goroutine was started in vain") // somebody of before may have ended
		}, nothing))
	}},
	{"the source ignores that yield says no", func(t *testing.T, c Consumer) {
		ctx, cancel := context.WithCancelCause(t.Context())
		var ran atomic.Int64
		err := c.Run(ctx, func(yield func(int) bool) {
			yield(0)
			cancel(errItem)
			for n := range 100 {
				require.False(t, yield(n))
			}
		}, func(context.Context, int) error { ran.Add(1); return nil })
		require.ErrorIs(t, err, errItem)
		require.LessOrEqual(t, ran.Load(), int64(1))
	}},
	{"the source yields after its end", func(t *testing.T, c Consumer) {
		var kept func(int) bool
		var ran atomic.Int64
		f := func(context.Context, int) error { ran.Add(1); return nil }
		require.NoError(t, c.Run(t.Context(), func(yield func(int) bool) { kept = yield; yield(0) }, f))
		require.False(t, kept(1))
		require.EqualValues(t, 1, ran.Load())
	}},
	{"the source yields on two goroutines at once", func(t *testing.T, c Consumer) {
		var value any
		err := errors.New("none")
		func() {
			defer func() { value = recover() }()
			err = c.Run(t.Context(), func(yield func(int) bool) {
				// With nothing running to an end, one of these yields waits inside, and
				// the caller's own goroutine comes upon it.
				var other sync.WaitGroup
				other.Go(func() {
					for yield(0) {
					}
				})
				synctest.Wait()
				defer other.Wait()
				yield(1)
			}, func(ctx context.Context, _ int) error { <-ctx.Done(); return nil })
		}()
		require.EqualError(t, err, "none", "it has returned")
		require.Contains(t, value.(*braid.PanicError).Error(), "yields on two goroutines at once")
	}},
	{"the source yields on a goroutine of its own, one at a time", func(t *testing.T, c Consumer) {
		var ran atomic.Int64
		require.NoError(t, c.Run(t.Context(), func(yield func(int) bool) {
			var other sync.WaitGroup
			defer other.Wait()
			other.Go(func() {
				for n := range 100 {
					require.True(t, yield(n))
				}
			})
		}, func(context.Context, int) error { ran.Add(1); return nil }))
		require.EqualValues(t, 100, ran.Load())
	}},
	{"the source panics", func(t *testing.T, c Consumer) {
		var running atomic.Int64
		defer func() {
			panicked := recover().(*braid.PanicError)
			require.Equal(t, "no more", panicked.Value)
			require.Contains(t, string(panicked.Stack), "testkit.explode", "the stack shows where it began")
			require.Zero(t, running.Load(), "raised after the callbacks have ended")
		}()
		c.Run(t.Context(), func(yield func(int) bool) {
			yield(0)
			synctest.Wait()
			explode("no more")
		}, func(ctx context.Context, _ int) error {
			running.Add(1)
			defer running.Add(-1)
			if !c.InTurn {
				<-ctx.Done()
				time.Sleep(time.Second)
			}
			return nil
		})
		t.Error("returned")
	}},
	{"the source calls runtime.Goexit", func(t *testing.T, c Consumer) {
		var ended atomic.Bool
		exited := make(chan struct{})
		go func() {
			defer close(exited)
			defer func() { require.True(t, ended.Load(), "the caller ended before the callback") }()
			err := c.Run(t.Context(), func(yield func(int) bool) {
				yield(0)
				synctest.Wait() // the callback has begun
				runtime.Goexit()
			}, func(ctx context.Context, _ int) error {
				if !c.InTurn {
					<-ctx.Done()
					time.Sleep(time.Second)
				}
				ended.Store(true)
				return nil
			})
			require.True(t, c.Apart, "Goexit was held back")
			require.ErrorIs(t, err, braid.ErrGoexit)
		}()
		<-exited
	}},
}
