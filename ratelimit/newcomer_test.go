package ratelimit

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Newcomers that take nothing, and so leave the place they get to the next. Each must find it, wherever
// it is at that moment; all others owe for ever, and so do those without a place.
func TestAPlaceThatMovesIsNeverMissed(t *testing.T) {
	for _, places := range []int{1, 60} {
		for _, shards := range []int{3, 9} { // 2^3 and 2^9
			k := newKeyed[int](newLimit("", Rate{}, 1), places, shards)
			for key := range places {
				k.Take(key, min(int64(key), 1))
			}
			require.True(t, k.others.Allow())
			var newcomers sync.WaitGroup
			for c := range 4 {
				newcomers.Go(func() {
					for i := range 3000 {
						if d := k.Take(places+c+4*i, 0); d.Remaining != 1 {
							assert.Equal(t, int64(1), d.Remaining)
							return
						}
					}
				})
			}
			newcomers.Wait()
			require.Equal(t, places, checkKeyed(t, k))
		}
	}
}

// Of many calls that bring the same new key at the same time, one finds it a place, which is seldom in
// its own shard. All have one burst together.
func TestANewKeyIsNotBroughtTwice(t *testing.T) {
	const places, callers, rounds = 2, 4, 2000
	k := newKeyed[int](newLimit("", Every(1), 1), places, 9)
	for round := range rounds {
		var admitted atomic.Int64
		var calls sync.WaitGroup
		begin := make(chan struct{})
		for range callers {
			calls.Go(func() {
				<-begin // closed when all have been started
				if k.allow(int64(round), round) {
					admitted.Add(1)
				}
			})
		}
		close(begin)
		calls.Wait()
		require.EqualValues(t, 1, admitted.Load())
	}
	require.EqualValues(t, 1, k.others.take(0, 0).Remaining)
	require.Equal(t, places, checkKeyed(t, k))
}

// A caller that has read the clock and comes late must not find its key forgotten and the burst
// there a second time: it is counted from when the key was forgotten.
func TestALateClockGainsNothingFromAForgottenKey(t *testing.T) {
	const burst = 10
	k := newKeyed[string](newLimit("", Every(1), burst), 1, 0)
	require.True(t, k.take(0, "a", burst).OK)
	require.True(t, k.take(10, "b", 0).OK) // a owes nothing, and is forgotten
	require.True(t, k.take(5, "a", burst).OK, "as if at 10")
	require.Equal(t, Decision{Limit: burst, RetryAfter: 1, ResetAfter: burst}, k.take(10, "a", 1))
	require.False(t, k.take(19, "a", burst).OK)
	require.True(t, k.take(20, "a", burst).OK)
}
