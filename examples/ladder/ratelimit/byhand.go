package ratelimit

import (
	"context"
	"sync"
	"time"
)

// ByHand is a mutex and a counter: time is cut into windows, and in each there is room for a
// burst of events. That is the limiter people write when they need one, and as right as forty
// lines can be: the clock is read under the lock, so there is no late reading, a refusal leaves
// the counter as it is, and who waits and gives up has taken nothing.
//
// What it cannot survive: a burst at the end of one window and a burst at the beginning of the
// next are two bursts at once. When a window opens, all who wait wake up and try again, and
// chance says who is first. So nobody knows when the turn of a caller will be, nor that it will
// be too late. Who sleeps is not told of a new rate. And as with a ticker, a third of a second
// is no whole number of nanoseconds. To mend that takes a queue, a time for each place in it,
// and more lines than forty.
type ByHand struct {
	mu                     sync.Mutex
	start                  time.Time // of the window
	perSecond, burst, used int       // used in the window
}

func NewByHand(perSecond, burst int) Limiter {
	return &ByHand{start: time.Now(), perSecond: perSecond, burst: burst}
}

func (l *ByHand) AllowN(n int) bool { return l.take(n).IsZero() }

func (l *ByHand) Wait(ctx context.Context) error {
	for ctx.Err() == nil {
		next := l.take(1)
		if next.IsZero() {
			return nil
		}
		select { // without the lock: others come and go
		case <-time.After(time.Until(next)):
		case <-ctx.Done():
		}
	}
	return context.Cause(ctx)
}

// SetRate changes the length of the window that is open, and leaves what is used in it.
func (l *ByHand) SetRate(perSecond int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.perSecond = perSecond
}

// take takes n places in the window, or says when the next one opens.
func (l *ByHand) take(n int) (next time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	length := time.Duration(l.burst) * time.Second / time.Duration(l.perSecond)
	if passed := time.Since(l.start); passed >= length {
		l.start, l.used = l.start.Add(passed.Truncate(length)), 0
	}
	if n < 0 || l.used+n > l.burst {
		return l.start.Add(length)
	}
	l.used += n
	return time.Time{}
}
