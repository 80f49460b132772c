package ratelimit_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/testkit"
	"github.com/braidgo/braid/ratelimit"
)

func TestSemaphoreIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := ratelimit.NewSemaphore(10)
		require.True(t, s.TryAcquire(7))
		calls := newWaiters()
		calls.add("a5", func() error { return s.Acquire(t.Context(), 5) })
		calls.add("b1", func() error { return s.Acquire(t.Context(), 1) })
		require.False(t, s.TryAcquire(1), "three are free, and somebody waits for them")
		require.False(t, s.TryAcquire(0), "nothing is no exception")
		require.Empty(t, calls.settled())
		s.Release(1)
		require.Empty(t, calls.settled())
		s.Release(1)
		require.Equal(t, []string{"a5 0s"}, calls.settled())
		s.Release(1)
		require.Equal(t, []string{"a5 0s", "b1 0s"}, calls.wait())
		s.Release(10)
		require.True(t, s.TryAcquire(10))
	})
}

func TestSemaphoreResizeWhileInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := ratelimit.NewSemaphore(4)
		require.True(t, s.TryAcquire(4))
		calls := newWaiters()
		for _, name := range []string{"a", "b", "c"} {
			calls.add(name, func() error { return s.Acquire(t.Context(), 2) })
		}
		s.Resize(8)
		require.ElementsMatch(t, []string{"a 0s", "b 0s"}, calls.settled())
		s.Resize(3) // eight are in use
		s.Release(5)
		require.Len(t, calls.settled(), 2)
		require.False(t, s.TryAcquire(0))
		s.Release(2)
		require.Len(t, calls.wait(), 3)

		calls = newWaiters()
		calls.add("d", func() error { return s.Acquire(t.Context(), 3) })
		calls.add("e", func() error { return s.Acquire(t.Context(), 2) })
		s.Resize(2)
		require.Equal(t, []string{"d 0s: " + ratelimit.ErrExceedsBurst.Error()}, calls.settled())
		require.Equal(t, ratelimit.ErrExceedsBurst, s.Acquire(t.Context(), 3))
		s.Resize(0)
		require.Len(t, calls.wait(), 2)
		require.Equal(t, ratelimit.ErrExceedsBurst, s.Acquire(t.Context(), 1))
		s.Release(3) // what is in use comes back all the same
		s.Resize(math.MaxInt64)
		require.NoError(t, s.Acquire(t.Context(), math.MaxInt64-1))
		require.False(t, s.TryAcquire(math.MaxInt64))
	})
}

func TestSemaphoreIsNotHeldUpByWhoHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := ratelimit.NewSemaphore(3)
		require.True(t, s.TryAcquire(1))
		calls := newWaiters()
		ctx, cancel := context.WithCancel(t.Context())
		calls.add("a3", func() error { return s.Acquire(ctx, 3) })
		calls.add("b1", func() error { return s.Acquire(t.Context(), 1) })
		calls.add("c1", func() error { return s.Acquire(t.Context(), 1) })
		cancel()
		require.ElementsMatch(t, []string{"a3 0s: context canceled", "b1 0s", "c1 0s"}, calls.wait())
	})
}

func TestSemaphoreConcurrency(t *testing.T) {
	const size = 5
	s := ratelimit.NewSemaphore(size)
	var inUse atomic.Int64
	var users sync.WaitGroup
	for i := range 8 {
		users.Go(func() {
			for round := range 1000 {
				n := int64((round+i)%size + 1)
				ctx, cancel := context.WithCancel(t.Context())
				if round%7 == 0 {
					go cancel() // at any moment
				}
				if round%3 == 0 && s.TryAcquire(n) || s.Acquire(ctx, n) == nil {
					assert.LessOrEqual(t, inUse.Add(n), int64(size))
					inUse.Add(-n)
					s.Release(n)
				}
				cancel()
			}
		})
	}
	users.Wait()
	require.True(t, s.TryAcquire(size), "all have come back")
}

// FuzzSemaphore compares a Semaphore with a list of who waits.
func FuzzSemaphore(f *testing.F) { testkit.Fuzz(f, fuzzSemaphore) }

func fuzzSemaphore(t *testing.T, p *testkit.Program) {
	m := &semaphoreModel{size: 1 + p.Choose(5)}
	s := ratelimit.NewSemaphore(int64(m.size))
	var calls sync.WaitGroup
	for len(*p) > 0 {
		switch p.Choose(5) {
		case 0, 1:
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			c := &semaphoreCall{n: p.Choose(m.size + 2), cancel: cancel}
			if p.Choose(8) == 0 {
				cancel(errLeft)
				c.wanted = errLeft
			}
			calls.Go(func() {
				c.err = s.Acquire(ctx, int64(c.n))
				c.returned.Store(true)
			})
			m.acquire(c)
		case 2:
			n := p.Choose(m.size + 2)
			require.Equal(t, m.try(n), s.TryAcquire(int64(n)))
		case 3: // some give up, and at the same moment some is released
			n := p.Choose(m.inUse + 1)
			for range p.Choose(3) {
				if len(m.waiting) > 0 {
					place := p.Choose(len(m.waiting))
					m.waiting[place].cancel(errLeft)
					m.leave(place)
				}
			}
			s.Release(int64(n))
			m.inUse -= n
			m.admit()
		case 4:
			m.resize(p.Choose(7))
			s.Resize(int64(m.size))
		}
		synctest.Wait()
		m.check(t)
	}
	for len(m.waiting) > 0 {
		m.waiting[0].cancel(errLeft)
		m.leave(0)
	}
	calls.Wait()
	m.check(t)
	s.Resize(int64(m.inUse + 3))
	require.True(t, s.TryAcquire(3))
	require.False(t, s.TryAcquire(1))
	s.Release(int64(m.inUse + 3))
	require.Panics(t, func() { s.Release(1) })
}

var errLeft = errors.New("the caller has left")

// semaphoreModel is who waits for a semaphore, and what the others have got.
type semaphoreModel struct {
	size, inUse   int
	waiting, done []*semaphoreCall
}

type semaphoreCall struct {
	n           int
	cancel      context.CancelCauseFunc
	returned    atomic.Bool
	err, wanted error
}

func (m *semaphoreModel) try(n int) bool {
	if len(m.waiting) > 0 || m.inUse+n > m.size {
		return false
	}
	m.inUse += n
	return true
}

func (m *semaphoreModel) acquire(c *semaphoreCall) {
	switch {
	case c.wanted != nil: // dead before the call
	case c.n > m.size:
		c.wanted = ratelimit.ErrExceedsBurst
	case !m.try(c.n):
		m.waiting = append(m.waiting, c)
		return
	}
	m.done = append(m.done, c)
}

func (m *semaphoreModel) admit() {
	for len(m.waiting) > 0 && m.inUse+m.waiting[0].n <= m.size {
		m.inUse += m.waiting[0].n
		m.end(0, nil)
	}
}

func (m *semaphoreModel) end(place int, err error) {
	c := m.waiting[place]
	c.wanted = err
	m.done = append(m.done, c)
	m.waiting = slices.Delete(m.waiting, place, place+1)
}

func (m *semaphoreModel) leave(place int) {
	m.end(place, errLeft)
	m.admit()
}

func (m *semaphoreModel) resize(size int) {
	m.size = size
	for place := 0; place < len(m.waiting); {
		if m.waiting[place].n > size {
			m.end(place, ratelimit.ErrExceedsBurst)
		} else {
			place++
		}
	}
	m.admit()
}

func (m *semaphoreModel) check(t *testing.T) {
	for _, c := range m.waiting {
		require.False(t, c.returned.Load(), "has returned: %v", c.err)
	}
	for _, c := range m.done {
		require.True(t, c.returned.Load(), "still waits")
		require.Equal(t, c.wanted, c.err)
	}
}
