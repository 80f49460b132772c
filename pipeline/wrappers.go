package pipeline

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/braidgo/braid/internal/argument"
)

// Backoff says how often [Retry] tries, and how long it waits in between.
type Backoff struct {
	Attempts int              // how often in all, at least once
	Base     time.Duration    // the longest wait before the second attempt; it doubles with each
	Max      time.Duration    // the longest wait of all; 0: no bound
	If       func(error) bool // which errors are worth another attempt; nil: all
}

// Retry makes a function for a stage that calls f again when it has failed, as b says.
// The waits have full jitter: each is a random part of the longest that b allows, so
// that many who failed together do not come back together. An error of the last attempt
// is passed on as it is. [SkipItem] is no failure, and nothing is tried again when ctx
// is done.
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
		if longest > b.Max && b.Max > 0 || longest > 1<<61 {
			break
		}
		longest *= 2
	}
	if b.Max > 0 {
		longest = min(longest, b.Max)
	}
	return rand.N(longest + 1)
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

// Timeout makes a function for a stage whose context ends after d. It is cooperative:
// f has to obey its context, and what it returns counts, also if it comes late. The
// cause of the context's end is [context.DeadlineExceeded].
func Timeout[A, B any](f func(context.Context, A) (B, error), d time.Duration) func(context.Context, A) (B, error) {
	argument.NotNil("pipeline.Timeout", "f", f == nil)
	argument.Duration("pipeline.Timeout", "d", d, 1)
	return func(ctx context.Context, item A) (B, error) {
		ctx, cancel := context.WithTimeout(ctx, d)
		defer cancel()
		return f(ctx, item)
	}
}

// DeadLetter makes a function for a stage that gives an item whose f has failed to
// park, with the error, and drops it. When park fails, its error is the stage's.
// [SkipItem] is no failure, and when ctx is done nothing is parked: the item has not
// been tried to its end.
func DeadLetter[A, B any](f func(context.Context, A) (B, error), park func(context.Context, A, error) error) func(context.Context, A) (B, error) {
	argument.NotNil("pipeline.DeadLetter", "f", f == nil)
	argument.NotNil("pipeline.DeadLetter", "park", park == nil)
	return func(ctx context.Context, item A) (B, error) {
		result, err := f(ctx, item)
		if err == nil || skips(err) || ctx.Err() != nil {
			return result, err
		}
		if err := park(ctx, item, err); err != nil {
			return result, err
		}
		return result, SkipItem
	}
}
