package ratelimit

import (
	"context"
	"time"
)

// A Limiter admits so many events a second, and after a rest a burst of them at once: in any
// span of time T at most burst + rate × T. It has no Close: one that nobody holds is garbage,
// and nothing of it goes on.
type Limiter interface {
	// AllowN reports whether n events may happen now, all or none. None is admitted before
	// those who wait. A refusal costs nothing, and neither does a negative n, which is refused or
	// panics.
	AllowN(n int) bool

	// Wait blocks until an event may happen. Who came first goes first. When ctx dies it
	// returns the cause, and whoever waits behind moves up. It fails at once, and takes nothing,
	// when ctx is dead already, or has a deadline that comes too soon: that error is a
	// context.DeadlineExceeded.
	Wait(ctx context.Context) error

	// SetRate changes the rate, for those who wait as well. What was admitted and is not
	// refilled yet is still owed.
	SetRate(perSecond int)
}

// Timed is a Limiter that has its callers read the clock. They may be late: a goroutine can be
// held up between reading the clock and asking, and others come first.
type Timed interface {
	Limiter
	AllowAt(now time.Time, n int) bool
}
