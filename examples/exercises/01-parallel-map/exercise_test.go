//go:build exercises

package exercise

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// counted counts the calls of f that have started, and those that run.
type counted struct{ started, running, most atomic.Int64 }

func (c *counted) wrap(f func(context.Context, int) (int, error)) func(context.Context, int) (int, error) {
	return func(ctx context.Context, n int) (int, error) {
		c.started.Add(1)
		c.most.Store(max(c.most.Load(), c.running.Add(1)))
		defer c.running.Add(-1)
		return f(ctx, n)
	}
}

// work takes a time, unless its context is cancelled; then it takes another second to tidy up.
func work(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		time.Sleep(time.Second) // of fake time
		return ctx.Err()
	}
}

func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, err := Map(context.Background(), 3, []int{3, 1, 2}, func(_ context.Context, n int) (int, error) {
			time.Sleep(time.Duration(n) * time.Second) // of fake time
			return 10 * n, nil
		})
		if !slices.Equal(got, []int{30, 10, 20}) || err != nil {
			t.Errorf("the results are %v, %v; wanted [30 10 20]", got, err)
		}
	})
}

func TestNothingToDo(t *testing.T) {
	got, err := Map(t.Context(), 3, nil, nil)
	if len(got) != 0 || err != nil {
		t.Errorf("of no input came %v, %v", got, err)
	}
}

func TestAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls counted
		start := time.Now()
		Map(t.Context(), 2, make([]int, 6), calls.wrap(func(ctx context.Context, _ int) (int, error) {
			return 0, work(ctx, time.Second)
		}))
		if most := calls.most.Load(); most > 2 {
			t.Errorf("%d calls at once, with 2 workers", most)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("6 calls of a second each, with 2 workers, took %v; wanted 3s", took)
		}
	})
}

func TestFirstError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls counted
		tooSmall, start := errors.New("too small"), time.Now()
		in := make([]int, 100)
		in[1] = -1
		_, err := Map(t.Context(), 2, in, calls.wrap(func(ctx context.Context, n int) (int, error) {
			if n < 0 {
				time.Sleep(time.Second) // of fake time
				return 0, tooSmall
			}
			return 0, work(ctx, time.Minute)
		}))
		check(t, &calls, start, 2*time.Second, 2)
		if !errors.Is(err, tooSmall) {
			t.Errorf("the error is %v; wanted the first, %v", err, tooSmall)
		}
	})
}

func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls counted
		enough, start := errors.New("enough"), time.Now()
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(enough) })
		_, err := Map(ctx, 2, make([]int, 100), calls.wrap(func(ctx context.Context, _ int) (int, error) {
			return 0, work(ctx, time.Minute)
		}))
		check(t, &calls, start, 2*time.Second, 2)
		if !errors.Is(err, enough) {
			t.Errorf("the error is %v; wanted the cause, %v", err, enough)
		}

		var none counted
		_, err = Map(ctx, 2, make([]int, 100), none.wrap(func(context.Context, int) (int, error) { return 0, nil }))
		check(t, &none, time.Now(), 0, 0)
		if !errors.Is(err, enough) {
			t.Errorf("with a dead context, the error is %v; wanted the cause, %v", err, enough)
		}
	})
}

// check is for a Map that was stopped.
func check(t *testing.T, calls *counted, start time.Time, want time.Duration, most int64) {
	t.Helper()
	if started := calls.started.Load(); started > most {
		t.Errorf("%d calls were started; wanted no more than %d", started, most)
	}
	if running := calls.running.Load(); running != 0 {
		t.Errorf("Map has returned, and %d of its calls still run", running)
	}
	if took := time.Since(start); took != want {
		t.Errorf("it took %v; wanted %v", took, want)
	}
}
