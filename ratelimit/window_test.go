package ratelimit_test

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/testkit"
	"github.com/braidgo/braid/ratelimit"
)

func TestWindowAtTheEdges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := ratelimit.NewWindow(3, time.Second)
		require.True(t, w.Allow())
		time.Sleep(time.Second - 1)
		require.True(t, w.Take(2).OK)
		require.False(t, w.Allow(), "three within a second, if only just")
		time.Sleep(1)
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

// FuzzWindow compares a Window with a list of all that it has ever admitted.
func FuzzWindow(f *testing.F) { testkit.Fuzz(f, fuzzWindow) }

func fuzzWindow(t *testing.T, p *testkit.Program) {
	m := &windowModel{begin: time.Now(), n: 1 + p.Choose(4), span: time.Duration(1+p.Choose(5)) * time.Second}
	w := ratelimit.NewWindow(int64(m.n), m.span)
	var calls sync.WaitGroup
	for len(*p) > 0 {
		switch p.Choose(5) {
		case 0:
			time.Sleep(time.Duration(p.Choose(8)) * time.Second / 2)
		case 1:
			time.Sleep(time.Duration(p.Choose(3)))
		case 2:
			k := p.Choose(m.n + 2)
			require.Equal(t, m.take(k), w.Take(int64(k)))
		case 3:
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if patience := p.Choose(6); patience > 0 {
				ctx, cancel = context.WithTimeout(ctx, time.Duration(patience)*time.Second)
				defer cancel()
			}
			c := &windowCall{cancel: cancel, ctx: ctx}
			calls.Go(func() {
				c.err = w.Wait(ctx)
				c.at = time.Since(m.begin)
			})
			m.wait(c)
		case 4:
			if len(m.waiting) > 0 {
				place := p.Choose(len(m.waiting))
				m.waiting[place].cancel()
				m.leave(place)
			}
		}
		synctest.Wait()
		m.advance()
	}
	calls.Wait()
	m.advance()
	require.Empty(t, m.waiting)
	for _, c := range m.calls {
		require.Equal(t, c.wantAt, c.at)
		require.Equal(t, c.wantErr, c.err)
	}
	for i := m.n; i < len(m.events); i++ {
		require.GreaterOrEqual(t, m.events[i]-m.events[i-m.n], m.span, "more than n in a span")
	}
}

// windowModel remembers everything. Its clock is that of the bubble.
type windowModel struct {
	begin          time.Time
	n              int
	span           time.Duration
	events         []time.Duration // when all of them were, in order
	waiting, calls []*windowCall
}

type windowCall struct {
	ctx          context.Context
	cancel       context.CancelFunc
	at, wantAt   time.Duration // of its return
	err, wantErr error
}

func (m *windowModel) now() time.Duration { return time.Since(m.begin) }

// soonest is when k more can happen after the events, at once.
func (m *windowModel) soonest(events []time.Duration, k int) time.Duration {
	if first := len(events) - 1 - (m.n - k); first >= 0 {
		return max(m.now(), events[first]+m.span)
	}
	return m.now()
}

// promised are the events, and those that are waited for.
func (m *windowModel) promised() []time.Duration {
	events := slices.Clone(m.events)
	for range m.waiting {
		events = append(events, m.soonest(events, 1))
	}
	return events
}

// advance admits whose time has come since the last time.
func (m *windowModel) advance() {
	for len(m.waiting) > 0 && m.events[len(m.events)-m.n]+m.span <= m.now() {
		m.waiting[0].wantAt = m.events[len(m.events)-m.n] + m.span
		m.events = append(m.events, m.waiting[0].wantAt)
		m.waiting = m.waiting[1:]
	}
}

func (m *windowModel) take(k int) ratelimit.Decision {
	promised := m.promised()
	d := ratelimit.Decision{Limit: int64(m.n), OK: k == 0}
	switch {
	case k > m.n:
		d.RetryAfter = math.MaxInt64
	case k > 0:
		d.RetryAfter = m.soonest(promised, k) - m.now()
		d.OK = d.RetryAfter == 0
	}
	if d.OK {
		for range k {
			m.events = append(m.events, m.now())
		}
		promised = m.promised()
	}
	for m.n-int(d.Remaining) > 0 && m.soonest(promised, int(d.Remaining)+1) == m.now() {
		d.Remaining++
	}
	if len(promised) > 0 {
		d.ResetAfter = max(0, promised[len(promised)-1]+m.span-m.now())
	}
	return d
}

func (m *windowModel) wait(c *windowCall) {
	m.calls = append(m.calls, c)
	due := m.soonest(m.promised(), 1)
	deadline, hurry := c.ctx.Deadline()
	switch {
	case hurry && due > m.now() && due >= deadline.Sub(m.begin):
		c.wantAt, c.wantErr = m.now(), &ratelimit.WaitError{Needed: due - m.now()}
	case due == m.now():
		c.wantAt = due
		m.events = append(m.events, due)
	default:
		m.waiting = append(m.waiting, c)
	}
}

func (m *windowModel) leave(place int) {
	c := m.waiting[place]
	c.wantAt, c.wantErr = m.now(), context.Canceled
	m.waiting = slices.Delete(m.waiting, place, place+1)
}
