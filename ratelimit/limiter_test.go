package ratelimit_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/ratelimit"
)

func TestAllow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(ratelimit.PerSecond(3), 2)
		require.True(t, l.Allow())
		require.True(t, l.Allow())
		require.False(t, l.Allow())
		time.Sleep(333333333)
		require.False(t, l.Allow())
		time.Sleep(1)
		require.True(t, l.Allow())
		require.Equal(t, ratelimit.Decision{Limit: 2, RetryAfter: 333333333, ResetAfter: 666666666}, l.Take(1))
		time.Sleep(time.Hour)
		require.EqualValues(t, 2, l.Tokens())
	})
}

func TestWaitIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.New(ratelimit.PerSecond(1000), 1)
		start := time.Now()
		var wg sync.WaitGroup
		var order []int
		var mu sync.Mutex
		var cancels []context.CancelFunc
		for i := range 10 {
			ctx, cancel := context.WithCancel(t.Context())
			cancels = append(cancels, cancel)
			wg.Go(func() {
				if l.Wait(ctx) == nil {
					mu.Lock()
					order = append(order, i, int(time.Since(start)/time.Millisecond))
					mu.Unlock()
				}
			})
			synctest.Wait()
		}
		require.False(t, l.Allow())
		time.Sleep(time.Millisecond)
		cancels[4]()
		synctest.Wait()
		r, ok := l.Reserve(1, time.Second)
		require.True(t, ok)
		require.Equal(t, 8*time.Millisecond, r.Delay())
		wg.Wait()
		require.Equal(t, []int{0, 0, 1, 1, 2, 2, 3, 3, 5, 4, 6, 5, 7, 6, 8, 7, 9, 8}, order)
		require.True(t, r.Cancel())
		require.False(t, r.Cancel())
		time.Sleep(time.Millisecond)
		require.True(t, l.Allow())
		require.False(t, l.Allow())
	})
}

func BenchmarkAllow(b *testing.B) {
	for _, rate := range []ratelimit.Rate{ratelimit.Every(1000), ratelimit.PerSecond(999_999_937), ratelimit.Per(1<<40+1, time.Hour), ratelimit.Every(time.Hour)} {
		b.Run(rate.String(), func(b *testing.B) {
			l := ratelimit.New(rate, 1<<20)
			for b.Loop() {
				l.Allow()
			}
		})
	}
	b.Run("exact", func(b *testing.B) {
		l := ratelimit.New(ratelimit.PerSecond(3), 1<<40)
		for b.Loop() {
			l.Allow()
		}
	})
	b.Run("clock", func(b *testing.B) {
		start := time.Now()
		for b.Loop() {
			time.Since(start)
		}
	})
}
