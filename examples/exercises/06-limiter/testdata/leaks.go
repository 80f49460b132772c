package exercise

import (
	"context"
	"time"
)

// Limiter has a goroutine that puts a token into a channel each so often, for ever.
type Limiter struct{ tokens chan struct{} }

func New(every time.Duration, burst int) *Limiter {
	l := &Limiter{make(chan struct{}, burst)}
	for range burst {
		l.tokens <- struct{}{}
	}
	go func() {
		for range time.Tick(every) {
			select {
			case l.tokens <- struct{}{}:
			default:
			}
		}
	}()
	return l
}

func (l *Limiter) Allow() bool {
	select {
	case <-l.tokens:
		return true
	default:
		return false
	}
}

func (l *Limiter) Wait(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case <-l.tokens:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
