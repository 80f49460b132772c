package exercise

import (
	"context"
	"sync"
	"time"
)

// A Limiter says how often something may happen.
type Limiter struct {
	every time.Duration
	ahead time.Duration // so far in the future may paid be, and an event still happen now

	mu   sync.Mutex
	paid time.Time // all that was allowed is paid off then; each event costs the time every
}

// New returns a limiter that allows an event each so often, and bursts of so many at once.
func New(every time.Duration, burst int) *Limiter {
	return &Limiter{every: every, ahead: every * time.Duration(burst-1)}
}

// Allow reports whether an event may happen now.
func (l *Limiter) Allow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.turn(now).After(now) {
		return false
	}
	l.take(now)
	return true
}

// Wait waits until an event may happen.
func (l *Limiter) Wait(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	l.mu.Lock()
	now := time.Now()
	wait := l.turn(now).Sub(now)
	l.take(now) // whoever comes next has a later turn
	defer l.mu.Unlock()
	if wait <= 0 {
		return nil
	}
	select {
	case <-time.After(wait):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// turn is when the next event may happen.
func (l *Limiter) turn(now time.Time) time.Time { return l.start(now).Add(-l.ahead) }

// take pays for an event.
func (l *Limiter) take(now time.Time) { l.paid = l.start(now).Add(l.every) }

// start is from when on the next event is paid for: what was not used in the past is lost.
func (l *Limiter) start(now time.Time) time.Time {
	if l.paid.Before(now) {
		return now
	}
	return l.paid
}
