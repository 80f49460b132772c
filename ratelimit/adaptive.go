package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/braidgo/braid/internal/argument"
)

// AdaptiveOptions are the bounds of an [Adaptive], and what it is to learn from. The zero
// value is good for most.
type AdaptiveOptions struct {
	Min, Max int // the limit stays within these; 0: 1, and 1000 or Min if that is more
	Initial  int // the limit to begin with; 0: 10, or the nearest within Min and Max

	// Overload tells which errors mean that too much was asked at once. Calls that fail with
	// other errors teach nothing. nil: all errors except [context.Canceled]. Calls may fail for
	// reasons of their own, so up to one in ten makes no difference; where more do, and few calls at
	// once would not help, say which errors are not meant.
	Overload func(error) bool
}

// Adaptive limits how many calls are in flight at once, and finds out by itself how many are
// good: so many that the server has always something to do, and so few that they do not wait
// for each other there. It learns from how long calls take and which of them fail, and follows when the
// server changes. What it finds is within 15 % of what the server can bear, or one call, after some
// dozen windows of at least a tenth of a second and 20 calls, or some hundred where latencies scatter.
//
// [NewAdaptive] makes one. All methods are safe for concurrent use.
//
//	limiter := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{})
//
//	done, err := limiter.Acquire(ctx)
//	if err != nil {
//		return err
//	}
//	err = call(ctx)
//	done(err)
//
// How it does that is explained in capacity.go, and drawn from a simulation in testdata/adaptive.svg.
//
//	Goroutines: none, ever.
//	Blocks:     only Acquire does, first come, first served.
//	Ends:       nothing has to be ended; an Adaptive that nobody holds is garbage.
//	Panics:     if a context is nil or an option is out of its bounds; done, where Overload does.
//	Memory:     about 400 bytes, 50 for each call in flight, and 200 for each that waits.
type Adaptive struct {
	start    time.Time
	overload func(error) bool
	permits  *Semaphore
	limit    atomic.Int64

	mu       sync.Mutex // held for some nanoseconds, and never while anything waits
	capacity capacity
}

// NewAdaptive makes an Adaptive. It panics if a number is negative, Max is less than Min, or
// Initial is not within them.
func NewAdaptive(o AdaptiveOptions) *Adaptive {
	const function = "ratelimit.NewAdaptive"
	argument.AtLeast(function, "o.Min", o.Min, 0)
	argument.AtLeast(function, "o.Max", o.Max, 0)
	argument.AtLeast(function, "o.Initial", o.Initial, 0)
	if o.Min == 0 {
		o.Min = 1
	}
	if o.Max == 0 {
		o.Max = max(o.Min, 1000)
	}
	argument.AtLeast(function, "o.Max", o.Max, o.Min)
	if o.Initial == 0 {
		o.Initial = min(max(10, o.Min), o.Max)
	}
	if o.Initial < o.Min || o.Initial > o.Max {
		panic(fmt.Sprintf("%s: o.Initial is %d, want %d to %d", function, o.Initial, o.Min, o.Max))
	}
	if o.Overload == nil {
		o.Overload = func(err error) bool { return !errors.Is(err, context.Canceled) }
	}
	a := &Adaptive{
		start:    time.Now(),
		overload: o.Overload,
		permits:  NewSemaphore(int64(o.Initial)),
		capacity: newCapacity(o.Min, o.Max, o.Initial),
	}
	a.limit.Store(int64(o.Initial))
	return a
}

// Acquire blocks until one more call may be in flight. It fails with the context's cause, at once
// if that is done already, and later when it ends; there is nothing to be given back then.
//
// When the call has ended, done has to be called with its error. Until then the call is in
// flight: one for which done is never called takes its place away for good. What done is called
// for a second time does nothing. Any goroutine may call it.
//
// Contract: that of Adaptive.
func (a *Adaptive) Acquire(ctx context.Context) (done func(error), err error) {
	argument.Context("ratelimit.Adaptive.Acquire", ctx)
	if err := a.permits.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	began, ended := a.now(), new(atomic.Bool)
	a.mu.Lock()
	a.capacity.began(began)
	a.mu.Unlock()
	return func(err error) {
		if !ended.Swap(true) {
			a.done(began, err)
		}
	}, nil
}

// Limit is how many calls may be in flight, as far as is known by now. Somewhat fewer are for a
// moment now and then, when a look is taken at how the server does with fewer.
func (a *Adaptive) Limit() int { return int(a.limit.Load()) }

func (a *Adaptive) now() time.Duration { return time.Since(a.start) }

func (a *Adaptive) done(began time.Duration, err error) {
	now := a.now()
	teaches := err == nil
	defer func() { // also if overload panics
		a.learn(now, now-began, teaches, err != nil)
		a.permits.Release(1)
	}()
	if err != nil {
		teaches = a.overload(err)
	}
}

func (a *Adaptive) learn(now, latency time.Duration, teaches, failed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case !teaches:
		a.capacity.left(now)
	case a.capacity.ended(now, latency, failed):
		a.limit.Store(int64(a.capacity.known()))
		a.permits.Resize(int64(a.capacity.allowed()))
	}
}
