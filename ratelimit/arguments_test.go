package ratelimit_test

import (
	"context"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/ratelimit"
)

// A wrong argument panics at the call, and the message names function, argument
// and value.
func TestWrongArguments(t *testing.T) {
	ctx := t.Context()
	var none context.Context
	var nobody *ratelimit.Limiter
	rate := ratelimit.PerSecond(1)
	l := ratelimit.New(rate, 1)
	w := ratelimit.NewWindow(1, time.Second)
	s := ratelimit.NewSemaphore(3)
	s.TryAcquire(2)
	k := ratelimit.NewKeyed[string](rate, 1, 1)
	r, b := strings.NewReader("text"), new(strings.Builder)
	for message, call := range map[string]func(){
		"ratelimit.Per: n is 0, want at least 1":          func() { ratelimit.Per(0, time.Second) },
		"ratelimit.Per: n is -1, want at least 1":         func() { ratelimit.Per(-1, -1) },
		"ratelimit.Per: d is 0s, want at least 1ns":       func() { ratelimit.Per(1, 0) },
		"ratelimit.PerSecond: n is 0, want at least 1":    func() { ratelimit.PerSecond(0) },
		"ratelimit.Every: d is -1m0s, want at least 1ns":  func() { ratelimit.Every(-time.Minute) },
		"ratelimit.New: burst is -1, want at least 0":     func() { ratelimit.New(rate, -1) },
		"ratelimit.NewWindow: n is -1, want at least 0":   func() { ratelimit.NewWindow(-1, time.Second) },
		"ratelimit.NewWindow: d is 0s, want at least 1ns": func() { ratelimit.NewWindow(1, 0) },
		"ratelimit.NewSemaphore: n is -1, want at least 0": func() {
			ratelimit.NewSemaphore(-1)
		},

		"ratelimit.Limiter.AllowN: n is -5, want at least 0":                     func() { l.AllowN(-5) },
		"ratelimit.Limiter.Take: n is -1, want at least 0":                       func() { l.Take(-1) },
		"ratelimit.Limiter.WaitN: ctx is nil":                                    func() { l.WaitN(none, 1) },
		"ratelimit.Limiter.WaitN: n is -1, want at least 0":                      func() { l.WaitN(ctx, -1) },
		"ratelimit.Limiter.Wait: ctx is nil":                                     func() { l.Wait(none) },
		"ratelimit.Limiter.Reserve: n is -1, want at least 0":                    func() { l.Reserve(-1, 0) },
		"ratelimit.Limiter.Reserve: maxWait is -1ns, want at least 0s":           func() { l.Reserve(1, -1) },
		"ratelimit.Limiter.SetLimit: burst is -1, want at least 0":               func() { l.SetLimit(rate, -1) },
		"ratelimit.Window.Take: n is -1, want at least 0":                        func() { w.Take(-1) },
		"ratelimit.Window.Wait: ctx is nil":                                      func() { w.Wait(none) },
		"ratelimit.Semaphore.Acquire: ctx is nil":                                func() { s.Acquire(none, 1) },
		"ratelimit.Semaphore.Acquire: n is -1, want at least 0":                  func() { s.Acquire(ctx, -1) },
		"ratelimit.Semaphore.TryAcquire: n is -1, want at least 0":               func() { s.TryAcquire(-1) },
		"ratelimit.Semaphore.Release: n is -1, want at least 0":                  func() { s.Release(-1) },
		"ratelimit.Semaphore.Release: n is 3, in use are 2":                      func() { s.Release(3) },
		"ratelimit.Semaphore.Resize: n is -9223372036854775808, want at least 0": func() { s.Resize(math.MinInt64) },

		"ratelimit.NewKeyed: burst is -1, want at least 0":  func() { ratelimit.NewKeyed[int](rate, -1, 1) },
		"ratelimit.NewKeyed: maxKeys is 0, want at least 1": func() { ratelimit.NewKeyed[int](rate, 1, 0) },
		"ratelimit.NewKeyed: rate is 3 per 1s and burst is 1099511627776, which needs more than 64 bits a key: want a smaller burst, or a rate of smaller numbers": func() {
			ratelimit.NewKeyed[int](ratelimit.PerSecond(3), 1<<40, 1)
		},
		"ratelimit.NewKeyed: rate is 9223372036854775807 per 1ns and burst is 1, which needs more than 64 bits a key: want a smaller burst, or a rate of smaller numbers": func() {
			ratelimit.NewKeyed[int](ratelimit.Per(math.MaxInt64, 1), 1, 1)
		},
		"ratelimit.Keyed.Take: n is -1, want at least 0": func() { k.Take("", -1) },
		"ratelimit.Keyed.Wait: ctx is nil":               func() { k.Wait(none, "") },

		"ratelimit.NewReader: ctx is nil": func() { ratelimit.NewReader(none, r, l) },
		"ratelimit.NewReader: r is nil":   func() { ratelimit.NewReader(ctx, nil, l) },
		"ratelimit.NewReader: l is nil":   func() { ratelimit.NewReader(ctx, r, nobody) },
		"ratelimit.NewWriter: ctx is nil": func() { ratelimit.NewWriter(none, b, l) },
		"ratelimit.NewWriter: w is nil":   func() { ratelimit.NewWriter(ctx, nil, l) },
		"ratelimit.NewWriter: l is nil":   func() { ratelimit.NewWriter(ctx, b, nobody) },
	} {
		require.PanicsWithValue(t, message, call)
	}

	// None of them has changed anything, or left anything locked.
	require.Equal(t, ratelimit.Decision{Limit: 1, Remaining: 1, OK: true}, l.Take(0))
	require.Equal(t, ratelimit.Decision{Limit: 1, Remaining: 1, OK: true}, w.Take(0))
	require.Equal(t, ratelimit.Decision{Limit: 1, Remaining: 1, OK: true}, k.Take("", 0))
	require.True(t, s.TryAcquire(1))
	require.False(t, s.TryAcquire(1))
	s.Release(3)
	_, err := io.ReadAll(r)
	require.NoError(t, err)
}
