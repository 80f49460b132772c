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
// value will do for most.
type AdaptiveOptions struct {
	Min, Max int // the limit stays within these; 0: 1, and 1000 or Min if that is more
	Initial  int // the limit to begin with; 0: 10, or the nearest within Min and Max

	// Overload tells which errors mean that too much was asked at once. Calls that fail with
	// others teach nothing. nil: all errors mean it, except [context.Canceled].
	//
	// One call in ten may fail. Where more do for reasons of their own, the limit would
	// fall to Min, and Overload has to tell those reasons from the others.
	Overload func(error) bool
}

// Adaptive limits how many calls are in flight at once, and finds out by itself how many are
// good: so many that the server has always something to do, and no more, as they would only wait
// for each other there. It learns from how long calls take and how many fail, and follows
// when the server changes.
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
// The limit comes within 15 % of what the server can bear, or within one call. It is decided
// anew after 20 calls where all take about as long, and up to 1500 where that differs widely, and no
// more often than ten times a second; some twenty decisions find it. It is a matter of statistics: now and
// then a first measurement is off by chance, and the limit too low for up to a minute.
// testdata/adaptive.svg shows it at work, and capacity.go explains how.
//
// What it does not do:
//   - It grows only while it is in use, and is not looked into while less than half of it is. After a light load
//     it is where it was before.
//   - It takes calls of more than twice the normal time, however few they are, for an outage, and asks
//     for less until they are normal: after ten minutes for four times the time, twenty for eight times.
//   - It costs 5 % of the throughput, for looking now and then how the server does with 3/4 of the calls.
//   - Several limiters in front of one server share it, up to about twenty. Of forty each sees so little of
//     the effect that it has itself that all together find twice of what is good. Where the server is
//     yours, put the limiter there.
//
// [NewAdaptive] makes one. All methods are safe for concurrent use.
//
//	Goroutines: none, ever.
//	Blocks:     only Acquire does, first come, first served.
//	Ends:       nothing has to be ended; an Adaptive that nobody holds is garbage.
//	Panics:     if a context is nil or an option is out of its bounds; done, where Overload does.
//	Memory:     about 400 bytes, 50 for each call in flight, and 200 for each call that waits.
type Adaptive struct {
	start    time.Time
	overload func(error) bool
	permits  *Semaphore
	limit    atomic.Int64

	mu       sync.Mutex
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
// if that is done, or when it ends; then there is nothing to be given back.
//
// When the call has ended, done has to be called, with its error or nil, by any goroutine.
// Until then it is in flight, and if done is never called, for ever: its place is lost. Only the first
// call of done counts.
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

// Limit is how many calls are good at once, as far as is known by now. That many may be in
// flight, and a quarter less while a look is taken at how the server does with fewer; more are where
// the limit has just been lowered.
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
