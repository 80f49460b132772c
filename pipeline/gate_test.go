package pipeline

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/testkit"
)

// Whoever sleeps through a change sleeps for ever, and the test with him.

// rounds is how often a test tries to be unlucky.
func rounds() int {
	if testkit.Race {
		return 10_000
	}
	return 100_000
}

func newGate(waiters int) *gate {
	g := new(gate)
	g.open(waiters)
	return g
}

// slowly is a look that takes a while, so that something may change behind it.
func slowly(ready func() bool) func() bool {
	return func() bool {
		defer runtime.Gosched()
		return ready()
	}
}

// idle requires that nobody is said to wait, and that no token is left for one who does not.
func idle(t *testing.T, g *gate) {
	require.Zero(t, g.waiting.Load())
	require.Empty(t, g.tokens)
}

// Two goroutines take turns, each of which the other has to hear of.
func TestGateLosesNoWakeUp(t *testing.T) {
	there, back := newGate(1), newGate(1)
	var asked, answered atomic.Int64
	var other sync.WaitGroup
	other.Go(func() {
		for i := range int64(rounds()) {
			there.wait(nil, slowly(func() bool { return asked.Load() > i }))
			answered.Add(1)
			back.notify()
		}
	})
	for i := range int64(rounds()) {
		asked.Add(1)
		there.notify()
		back.wait(nil, slowly(func() bool { return answered.Load() > i }))
	}
	other.Wait()
	idle(t, there)
	idle(t, back)
}

// A timer that fires at the moment of the change: whoever gives up leaves neither himself
// nor his token behind.
func TestGateWithATimer(t *testing.T) {
	g := newGate(1)
	var changed atomic.Int64
	var over atomic.Bool
	var other sync.WaitGroup
	other.Go(func() {
		for !over.Load() {
			if g.waiting.Load() == 0 {
				runtime.Gosched()
				continue
			}
			changed.Add(1)
			g.notify()
		}
	})
	fired := make(chan time.Time)
	close(fired)
	for begin := time.Now(); time.Since(begin) < 300*time.Millisecond; {
		before := changed.Load()
		ready := slowly(func() bool { return changed.Load() > before })
		if !g.waitUntil(fired, nil, ready) {
			g.wait(nil, ready)
		}
	}
	over.Store(true)
	other.Wait()
	idle(t, g)
}

// Several wait for the same: for items that come one by one, and then for their end.
func TestGateOfSeveral(t *testing.T) {
	const waiters, items = 3, 10
	for range rounds() / 30 {
		g := newGate(waiters)
		var there, taken atomic.Int64
		var over atomic.Bool
		var others sync.WaitGroup
		for range waiters {
			others.Go(func() {
				for !over.Load() {
					if next := taken.Load(); next < there.Load() {
						taken.CompareAndSwap(next, next+1)
						continue
					}
					g.wait(nil, slowly(func() bool { return taken.Load() < there.Load() || over.Load() }))
				}
			})
		}
		for range items {
			there.Add(1)
			g.notify()
		}
		for taken.Load() < items {
			runtime.Gosched()
		}
		over.Store(true)
		g.notifyAll()
		others.Wait()
		idle(t, g)
	}
}
