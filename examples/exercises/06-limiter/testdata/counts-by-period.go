package exercise

import (
	"context"
	"sync"
	"time"
)

// Limiter counts the events of each period.
type Limiter struct {
	mu     sync.Mutex
	period time.Duration
	burst  int
	count  int
	start  time.Time
}

func New(every time.Duration, burst int) *Limiter {
	return &Limiter{period: every * time.Duration(burst), burst: burst, start: time.Now()}
}

func (l *Limiter) Allow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.Sub(l.start) >= l.period {
		l.start, l.count = now, 0
	}
	if l.count == l.burst {
		return false
	}
	l.count++
	return true
}

func (l *Limiter) Wait(ctx context.Context) error {
	for !l.Allow() {
		select {
		case <-time.After(l.period):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
