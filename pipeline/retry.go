package pipeline

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"github.com/braidgo/braid/internal/argument"
)

// Backoff says how often [Retry] tries, and how long it waits in between.
type Backoff struct {
	Attempts int              // how often in all, at least once
	Base     time.Duration    // the longest wait before the second attempt; it doubles with each further one
	Max      time.Duration    // the longest wait of all; 0: no bound
	If       func(error) bool // which errors are worth another attempt; nil: all
}

// Retry makes a function for a stage that calls f again when it has failed, as b says.
// Each wait is a random part of the longest that b allows (full jitter), so that many
// that failed together do not come back together. What the last attempt returns is
// passed on as it is. [SkipItem] is no failure, and nothing is tried again when the
// context is done.
//
//	Goroutines: none.
//	Blocks:     while f does and between attempts. Safe for concurrent use if f is.
//	Ends:       when f succeeds, its attempts are used up, or the context is done.
//	Panics:     if f is nil, b.Attempts < 1 or a duration is negative; what f does.
//	Memory:     nothing beyond what f takes.
//
// It is for Map and MapByKey. A wait occupies the worker; in a fused stage it holds up
// everything on its goroutine. Wrap from the inside out:
// DeadLetter(Retry(Timeout(f, d), b), park) gives each attempt d, and parks what has
// failed the last.
func Retry[A, B any](f func(context.Context, A) (B, error), b Backoff) func(context.Context, A) (B, error) {
	argument.NotNil("pipeline.Retry", "f", f == nil)
	argument.AtLeast("pipeline.Retry", "b.Attempts", b.Attempts, 1)
	argument.Duration("pipeline.Retry", "b.Base", b.Base, 0)
	argument.Duration("pipeline.Retry", "b.Max", b.Max, 0)
	return func(ctx context.Context, item A) (B, error) {
		for attempt := 1; ; attempt++ {
			result, err := f(ctx, item)
			if err == nil || attempt >= b.Attempts || skips(err) || ctx.Err() != nil || b.If != nil && !b.If(err) {
				return result, err
			}
			if !sleep(ctx, b.wait(attempt)) {
				return result, err
			}
		}
	}
}

// wait is how long to wait after so many attempts.
func (b Backoff) wait(attempts int) time.Duration {
	longest := b.Base
	for range attempts - 1 {
		if longest > b.Max && b.Max > 0 || longest > math.MaxInt64/2 {
			break
		}
		longest *= 2
	}
	if b.Max > 0 {
		longest = min(longest, b.Max)
	}
	return rand.N(min(longest, math.MaxInt64-1) + 1)
}

// sleep returns false when ctx was done first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
