package ratelimit_test

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/ratelimit"
)

func TestWindowAtTheEdges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := ratelimit.NewWindow(3, time.Second)
		require.True(t, w.Allow())
		time.Sleep(time.Second - 1)
		require.True(t, w.Take(2).OK)
		require.False(t, w.Allow(), "three within a second, if only just")
		time.Sleep(time.Nanosecond)
		require.True(t, w.Allow(), "a second after the first")
		require.False(t, w.Allow())
		require.Equal(t, ratelimit.Decision{Limit: 3, RetryAfter: time.Second - 1, ResetAfter: time.Second}, w.Take(2))
		require.Equal(t, ratelimit.Decision{Limit: 3, RetryAfter: time.Second, ResetAfter: time.Second}, w.Take(3))
		require.Equal(t, ratelimit.Decision{Limit: 3, RetryAfter: math.MaxInt64, ResetAfter: time.Second}, w.Take(4))
		require.Equal(t, ratelimit.Decision{Limit: 3, ResetAfter: time.Second, OK: true}, w.Take(0))
	})
}

func TestWindowOfNothing(t *testing.T) {
	w := ratelimit.NewWindow(0, time.Second)
	require.False(t, w.Allow())
	require.Equal(t, ratelimit.ErrExceedsBurst, w.Wait(t.Context()))
	require.Equal(t, ratelimit.Decision{RetryAfter: math.MaxInt64}, w.Take(1))
	require.Equal(t, ratelimit.Decision{OK: true}, w.Take(0))
}

// A span that never ends: the window is a budget.
func TestWindowOfALifetime(t *testing.T) {
	w := ratelimit.NewWindow(2, math.MaxInt64)
	require.True(t, w.Take(2).OK)
	require.False(t, w.Allow())
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	require.ErrorIs(t, w.Wait(ctx), context.DeadlineExceeded)
}

func TestWindowIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := ratelimit.NewWindow(2, 10*time.Second)
		require.True(t, w.Allow())
		time.Sleep(time.Second)
		require.True(t, w.Allow())
		calls := newWaiters()
		ctx, cancel := context.WithCancel(t.Context())
		calls.add("a", func() error { return w.Wait(t.Context()) })
		calls.add("b", func() error { return w.Wait(ctx) })
		calls.add("c", func() error { return w.Wait(t.Context()) })
		calls.add("d", func() error { return w.Wait(t.Context()) })
		require.Equal(t, ratelimit.Decision{Limit: 2, RetryAfter: 29 * time.Second, ResetAfter: 30 * time.Second}, w.Take(1))
		cancel()
		require.Equal(t, []string{"b 0s: context canceled"}, calls.settled())
		require.Equal(t, ratelimit.Decision{Limit: 2, RetryAfter: 20 * time.Second, ResetAfter: 29 * time.Second}, w.Take(1))
		time.Sleep(9*time.Second - 1)
		require.False(t, w.Allow())
		time.Sleep(time.Nanosecond)
		require.False(t, w.Allow(), "that place is for those who wait")
		require.Equal(t, []string{"b 0s: context canceled", "a 9s", "c 10s", "d 19s"}, calls.wait())
	})
}

func TestWindowConcurrency(t *testing.T) {
	const n = 1000
	w := ratelimit.NewWindow(n, time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var admitted atomic.Int64
	var users sync.WaitGroup
	for range 8 {
		users.Go(func() {
			for range n / 4 {
				if w.Allow() {
					admitted.Add(1)
				}
				if w.Take(2).OK {
					admitted.Add(2)
				}
				if w.Wait(ctx) == nil {
					admitted.Add(1)
				}
			}
		})
	}
	users.Wait()
	require.EqualValues(t, n, admitted.Load())
}
