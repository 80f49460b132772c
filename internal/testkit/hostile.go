package testkit

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
)

// Callback is what the function under test runs for each item.
type Callback func(ctx context.Context, item int) error

// Subject is an exported function that runs a callback for a number of items, in
// a form that all of them have in common.
type Subject struct {
	Name string
	// Run has the function run f for the items 0 to items-1, at most workers at
	// a time, and returns when all that it started has ended.
	Run func(ctx context.Context, workers, items int, f Callback) error

	FirstError bool // the first error is returned, and ends the rest
	Raises     bool // a panic of f is raised in the caller; otherwise it is the error
}

// call runs the subject and returns its error or the panic it raises.
func (s Subject) call(t *testing.T, ctx context.Context, workers, items int, f Callback) (err error) {
	var active atomic.Int64
	defer func() {
		if value := recover(); value != nil {
			require.True(t, s.Raises, "raised a panic: %v", value)
			err = value.(*braid.PanicError)
		}
		require.Zero(t, active.Load(), "callbacks run after the return")
	}()
	return s.Run(ctx, workers, items, func(ctx context.Context, item int) error {
		if n := active.Add(1); n > int64(workers) {
			t.Errorf("%d callbacks at once on %d workers", n, workers)
		}
		defer active.Add(-1)
		return f(ctx, item)
	})
}

var errItem = errors.New("the item failed")

// Hostile puts s through every case, each in a synctest bubble: time is fake,
// nothing depends on luck, and a goroutine that is left blocked fails the test.
func Hostile(t *testing.T, s Subject) {
	for _, c := range cases {
		if c.firstError && !s.FirstError {
			continue // the case is about a promise that s does not make
		}
		t.Run(s.Name+"/"+c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.test(t, s) })
		})
	}
}

var cases = []struct {
	name       string
	firstError bool
	test       func(*testing.T, Subject)
}{
	{"ctx dead before the call", false, func(t *testing.T, s Subject) {
		cause := errors.New("dead from the start")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		err := s.call(t, ctx, 3, 5, func(context.Context, int) error {
			t.Error("an item was started")
			return nil
		})
		require.ErrorIs(t, err, cause)
	}},
	{"ctx dies midway", false, func(t *testing.T, s Subject) {
		cause := errors.New("that is enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		diesMidway(t, s, ctx, cause)
	}},
	{"its deadline passes midway", false, func(t *testing.T, s Subject) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		diesMidway(t, s, ctx, context.DeadlineExceeded)
	}},
	{"a foreign context that cannot be compared", false, func(t *testing.T, s Subject) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		diesMidway(t, s, Foreign(ctx), context.DeadlineExceeded)
	}},
	{"f fails on the first item", true, failsOn(0)},
	{"f fails on a middle item", true, failsOn(50)},
	{"f fails on the last item", true, failsOn(99)},
	{"two items fail at once", true, func(t *testing.T, s Subject) {
		err := s.call(t, t.Context(), 2, 10, func(_ context.Context, item int) error {
			time.Sleep(time.Second)
			return errItem
		})
		require.ErrorIs(t, err, errItem)
		require.Len(t, unwrapAll(err), 1, "the failure is returned once")
	}},
	{"f panics with a value", false, panicsWith("a value", "a value")},
	{"f panics with an error", false, func(t *testing.T, s Subject) {
		panicsWith(io.ErrUnexpectedEOF, io.ErrUnexpectedEOF)(t, s)
		err := s.call(t, t.Context(), 1, 1, func(context.Context, int) error { panic(io.ErrNoProgress) })
		require.ErrorIs(t, err, io.ErrNoProgress, "errors.Is sees through the panic")
	}},
	{"f panics with nil", false, func(t *testing.T, s Subject) {
		err := s.call(t, t.Context(), 2, 3, func(context.Context, int) error { panic(nil) })
		var panicked *braid.PanicError
		require.ErrorAs(t, err, &panicked)
		require.IsType(t, &runtime.PanicNilError{}, panicked.Value)
	}},
	{"two items panic at once", false, func(t *testing.T, s Subject) {
		err := s.call(t, t.Context(), 2, 2, func(context.Context, int) error {
			time.Sleep(time.Second)
			panic("both")
		})
		var panicked *braid.PanicError
		require.ErrorAs(t, err, &panicked)
	}},
	{"a panic cancels the siblings", true, func(t *testing.T, s Subject) {
		err := s.call(t, t.Context(), 2, 2, func(ctx context.Context, item int) error {
			if item == 0 {
				time.Sleep(time.Second)
				panic("the first")
			}
			<-ctx.Done()
			return ctx.Err()
		})
		var panicked *braid.PanicError
		require.ErrorAs(t, err, &panicked)
	}},
	{"f calls runtime.Goexit", false, func(t *testing.T, s Subject) {
		err := s.call(t, t.Context(), 2, 10, func(_ context.Context, item int) error {
			if item%2 == 0 {
				runtime.Goexit()
			}
			return nil
		})
		require.ErrorIs(t, err, braid.ErrGoexit)
	}},
	{"no items", false, runsAll(4, 0)},
	{"one item", false, runsAll(4, 1)},
	{"fewer items than workers", false, runsAll(8, 3)},
	{"one worker", false, runsAll(1, 100)},
	{"many items", false, runsAll(8, 10_000)},
	{"8 tasks that wait for each other on 8 workers", false, func(t *testing.T, s Subject) {
		var all sync.WaitGroup
		all.Add(8)
		require.NoError(t, s.call(t, t.Context(), 8, 8, func(context.Context, int) error {
			all.Done()
			all.Wait()
			return nil
		}))
	}},
	{"fast items, then one that waits for the next to start", false, func(t *testing.T, s Subject) {
		const last = 1000
		started := make(chan struct{})
		require.NoError(t, s.call(t, t.Context(), 2, last+1, func(_ context.Context, item int) error {
			switch item {
			case last - 1:
				<-started
			case last:
				close(started)
			}
			return nil
		}))
	}},
	{"a task's ctx is used after its task ended", false, func(t *testing.T, s Subject) {
		contexts := make(chan context.Context, 10)
		run := func() {
			require.NoError(t, s.call(t, t.Context(), 2, 10, func(ctx context.Context, _ int) error {
				contexts <- ctx
				return nil
			}))
		}
		run()
		for range 10 {
			ctx := <-contexts
			require.Error(t, ctx.Err(), "outlives the call")
			<-ctx.Done()
			require.ErrorIs(t, s.call(t, ctx, 2, 3, func(context.Context, int) error { return nil }), context.Cause(ctx))
		}
	}},
	{"8 callers at once", false, func(t *testing.T, s Subject) {
		var callers sync.WaitGroup
		for range 8 {
			callers.Go(func() { runsAll(4, 1000)(t, s) })
		}
		callers.Wait()
	}},
}

// diesMidway expects that ctx ends after a second, in the middle of 100 items
// of which 4 run at a time and take 400 ms each.
func diesMidway(t *testing.T, s Subject, ctx context.Context, cause error) {
	begin := time.Now()
	var started, cancelled atomic.Int64
	err := s.call(t, ctx, 4, 100, func(ctx context.Context, _ int) error {
		started.Add(1)
		select {
		case <-time.After(400 * time.Millisecond):
			return nil
		case <-ctx.Done():
			time.Sleep(50 * time.Millisecond) // the call is to wait for this
			cancelled.Add(1)
			return context.Cause(ctx)
		}
	})
	require.ErrorIs(t, err, cause)
	require.EqualValues(t, 12, started.Load(), "the rest is not started")
	require.EqualValues(t, 4, cancelled.Load(), "running callbacks see it")
	require.Equal(t, 1050*time.Millisecond, time.Since(begin))
}

// failsOn has one of 100 items fail. Of those that start later there may be one
// for each of the other workers, which were just about to.
func failsOn(bad int) func(*testing.T, Subject) {
	return func(t *testing.T, s Subject) {
		const workers = 4
		var failed atomic.Bool
		var later atomic.Int64
		err := s.call(t, t.Context(), workers, 100, func(_ context.Context, item int) error {
			if failed.Load() {
				later.Add(1)
			}
			time.Sleep(time.Second)
			if item == bad {
				failed.Store(true)
				return errItem
			}
			return nil
		})
		require.ErrorIs(t, err, errItem)
		require.Len(t, unwrapAll(err), 1, "the failure is returned once")
		require.Less(t, later.Load(), int64(workers))
	}
}

// panicsWith has one item panic.
func panicsWith(value, want any) func(*testing.T, Subject) {
	return func(t *testing.T, s Subject) {
		err := s.call(t, t.Context(), 3, 20, func(_ context.Context, item int) error {
			if item == 7 {
				explode(value)
			}
			return nil
		})
		var panicked *braid.PanicError
		require.ErrorAs(t, err, &panicked)
		require.Equal(t, want, panicked.Value)
		require.Contains(t, string(panicked.Stack), "testkit.explode", "the stack shows where it began")
	}
}

//go:noinline
func explode(value any) { panic(value) }

// runsAll expects every item to be run exactly once.
func runsAll(workers, items int) func(*testing.T, Subject) {
	return func(t *testing.T, s Subject) {
		runs := make([]atomic.Int64, items)
		require.NoError(t, s.call(t, t.Context(), workers, items, func(_ context.Context, item int) error {
			runs[item].Add(1)
			return nil
		}))
		for item := range runs {
			if n := runs[item].Load(); n != 1 {
				t.Errorf("item %d was run %d times", item, n)
			}
		}
	}
}

// unwrapAll returns the errors that err joins.
func unwrapAll(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// Foreign returns ctx as a context of somebody else's type.
func Foreign(ctx context.Context) context.Context { return foreignContext{ctx, func() {}} }

// foreignContext is a context of somebody else's type. Comparing two of them
// panics, as they hold a function.
type foreignContext struct {
	context.Context
	uncomparable func()
}

// Done makes a channel of its own, so that the context package cannot see
// through to the context inside and has to start a goroutine to watch it.
func (c foreignContext) Done() <-chan struct{} {
	done := make(chan struct{})
	context.AfterFunc(c.Context, func() { close(done) })
	return done
}
