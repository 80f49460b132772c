// Package exercise is a limiter that keeps a time, not a counter.
//
// Write a Limiter that allows one event each so often, and after a pause a burst of several at once. It starts no
// goroutine and has no ticker: what it keeps is the time at which all that was allowed so far is paid off, and a Mutex,
// as many goroutines may use it.
//
// Allow says whether an event may happen now. An event that may not costs nothing. Wait waits until its event may
// happen; several who wait have their turns one after the other. If ctx is cancelled first, Wait returns
// context.Cause(ctx) at once; it need not give its turn back. A dead context takes no turn.
package exercise

import (
	"context"
	"time"
)

// A Limiter says how often something may happen.
type Limiter struct{}

// New returns a limiter that allows an event each so often, and bursts of so many at once.
func New(every time.Duration, burst int) *Limiter {
	panic("not written yet")
}

// Allow reports whether an event may happen now.
func (l *Limiter) Allow() bool {
	panic("not written yet")
}

// Wait waits until an event may happen.
func (l *Limiter) Wait(ctx context.Context) error {
	panic("not written yet")
}
