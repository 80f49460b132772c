//go:build exercises

package exercise

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// allowed says how many of 100 events may happen now.
func allowed(l *Limiter) (n int) {
	for range 100 {
		if l.Allow() {
			n++
		}
	}
	return n
}

func check(t *testing.T, l *Limiter, when string, want int) {
	t.Helper()
	if got := allowed(l); got != want {
		t.Errorf("%s: %d events were allowed; wanted %d", when, got, want)
	}
}

// A goroutine that does not end is found when the test returns.
func TestNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { New(time.Second, 3) })
}

func TestAllow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(time.Second, 3)
		check(t, l, "at the start", 3)
		time.Sleep(999 * time.Millisecond) // of fake time
		check(t, l, "before a second has passed", 0)
		time.Sleep(time.Millisecond) // of fake time
		check(t, l, "after a second, with 97 refused", 1)
		time.Sleep(2 * time.Second) // of fake time
		check(t, l, "after two seconds more", 2)
		time.Sleep(time.Hour) // of fake time
		check(t, l, "after an hour without events", 3)
	})
}

// Two bursts do not come together where one period ends and the next begins.
func TestNoPeriods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(time.Second, 3)
		l.Allow()
		time.Sleep(2900 * time.Millisecond) // of fake time
		check(t, l, "one event, then 2.9s", 3)
		time.Sleep(200 * time.Millisecond) // of fake time
		check(t, l, "0.2s after a burst", 0)
	})
}

// Half a second is half of the way to the next event, and it counts.
func TestFractions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(time.Second, 1)
		check(t, l, "at the start", 1)
		time.Sleep(1500 * time.Millisecond) // of fake time
		check(t, l, "after 1.5s", 1)
		time.Sleep(500 * time.Millisecond) // of fake time
		check(t, l, "0.5s after that", 0)
		time.Sleep(500 * time.Millisecond) // of fake time
		check(t, l, "1s after that", 1)
	})
}

func TestManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(time.Second, 3)
		var n atomic.Int64
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { n.Add(int64(allowed(l))) })
		}
		all.Wait()
		if n.Load() != 3 {
			t.Errorf("to ten goroutines at once, %d events were allowed; wanted 3", n.Load())
		}
	})
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(time.Second, 2)
		start := time.Now()
		turns := make([]time.Duration, 5)
		var all sync.WaitGroup
		for i := range turns {
			all.Go(func() {
				if err := l.Wait(t.Context()); err != nil {
					t.Errorf("the error is %v; wanted none", err)
				}
				turns[i] = time.Since(start)
			})
		}
		all.Wait()
		slices.Sort(turns)
		if want := []time.Duration{0, 0, 1e9, 2e9, 3e9}; !slices.Equal(turns, want) {
			t.Errorf("the turns were after %v; wanted %v", turns, want)
		}
	})
}

func TestWaitWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(time.Hour, 1)
		l.Allow()
		enough, start := errors.New("enough"), time.Now()
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(enough) })
		err := l.Wait(ctx)
		if took := time.Since(start); took != time.Second || !errors.Is(err, enough) {
			t.Errorf("Wait returned %v after %v; wanted %v after 1s", err, took, enough)
		}

		fresh := New(time.Hour, 1)
		if err := fresh.Wait(ctx); !errors.Is(err, enough) {
			t.Errorf("with a dead context, the error is %v; wanted the cause, %v", err, enough)
		}
		check(t, fresh, "after a Wait with a dead context", 1)
	})
}
