package ratelimit

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// debtors returns a Keyed with so many places in eight shards. Those of the keys from 1 on are taken by keys
// that owe for ever, as do those without a place, and that of 0 by one that owes nothing.
func debtors(places int, burst int64) *Keyed[int] {
	k := newKeyed[int](newLimit("", Rate{}, burst), places, 3)
	for key := range places {
		k.Take(key, min(int64(key), burst))
	}
	return k
}

// Newcomers that take nothing, and so leave the place they get to the next. Each must find it, wherever
// it is at that moment.
func TestAPlaceThatMovesIsNeverMissed(t *testing.T) {
	for _, places := range []int{1, 8, 60} {
		k := debtors(places, 1)
		require.True(t, k.others.Allow())
		var newcomers sync.WaitGroup
		for c := range 4 {
			newcomers.Go(func() {
				for i := range 5000 {
					if d := k.Take(places+c+4*i, 0); d.Remaining != 1 {
						assert.Equal(t, int64(1), d.Remaining)
						return
					}
				}
			})
		}
		newcomers.Wait()
		require.Len(t, checkKeyed(t, k), places)
	}
}

// Of many calls that bring the same new key, one finds it a place, and all have a burst together.
func TestANewKeyIsNotBroughtTwice(t *testing.T) {
	const burst = 10
	for round := range 500 {
		k := debtors(30, burst)
		var admitted atomic.Int64
		var calls sync.WaitGroup
		begin := make(chan struct{})
		for range 4 {
			calls.Go(func() {
				<-begin // closed below
				for range burst {
					if k.Allow(-1 - round) {
						admitted.Add(1)
					}
				}
			})
		}
		close(begin)
		calls.Wait()
		require.EqualValues(t, burst, admitted.Load())
		require.EqualValues(t, burst, k.others.Tokens())
		require.Contains(t, checkKeyed(t, k), -1-round)
	}
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
