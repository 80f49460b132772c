package pipeline

import (
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// Who has closed a queue notifies whoever waits at it, which may be after the queue is
// used again, for another item.
func TestAQueueThatIsUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue[int](4, 4, 1, new(segment))
		for range 3 {
			var got []int
			done := make(chan error)
			go func() { done <- q.drain(func(n int) bool { got = append(got, n); return true }) }()
			synctest.Wait()
			q.items.notify() // late, for the use before
			synctest.Wait()
			require.Empty(t, got)
			q.push(1, nil)
			q.push(2, nil)
			q.close(nil)
			require.NoError(t, <-done)
			require.Equal(t, []int{1, 2}, got)
			q.reset()
		}
	})
}

// Who finds that the run is over relies on everybody having been told.
func TestAbortReturnsWhenAllAreToldAlsoToTheSecond(t *testing.T) {
	for range 100 {
		r := &run{caller: t.Context()}
		r.root.open(r, r.caller)
		telling := make(chan struct{})
		var told atomic.Bool
		r.root.onEnd(func() {
			close(telling)
			for range 100 {
				runtime.Gosched()
			}
			told.Store(true)
		})
		go r.abort(errDone)
		<-telling
		r.abort(errDone)
		require.True(t, told.Load())
	}
}
