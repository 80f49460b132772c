package fanout

import (
	"context"
	"fmt"
	"time"

	"github.com/braidgo/braid/internal/argument"
)

// Hedge calls f, and again whenever delay has passed without an answer, up to
// attempts times in all, and returns the first result. The other attempts are
// cancelled and waited for. One that fails has the next one start at once, and the
// delay begins anew. If all attempts fail, it returns all errors joined, each an
// [*IndexError] whose Index is the attempt, from 0. When the attempts are used up,
// those that run go on.
//
//	Goroutines: one per attempt that was started; none after it returns.
//	Blocks:     until all attempts that were started have ended. Safe for concurrent use.
//	Ends:       when an attempt has succeeded, or all have failed, or ctx is done.
//	Panics:     a panic in f or discard is raised again here, as a *braid.PanicError.
//	Memory:     a context, a stack and a result per attempt.
//
// An attempt that ignores its context delays the answer, though it cannot change it. If
// ctx ends, and too few have succeeded all the same, the error is its cause, joined
// with the failures that came before it.
//
// When all attempts have ended, discard is given, on the caller's goroutine, one by one,
// every result that is not returned: those that came too late, and all of them if an
// attempt or discard itself panics. nil means that there is nothing to do. What f
// returns together with an error is no result: f closes it itself.
//
// The context of the attempt whose result is returned lives as long as ctx, so that a
// response body stays readable. Until then ctx holds it: if ctx can be cancelled and
// lives as long as the program, every call leaks one (and, where its type is foreign
// to package context, a goroutine). So derive one, and cancel it when the result has
// been used:
//
//	ctx, cancel := context.WithCancel(ctx)
//	defer cancel()
//
// Hedging is against the few answers that take much longer than the rest, for a
// reason that another attempt does not share. A delay that 95 of 100 answers do not
// need costs five percent more load. It makes things worse where everything is slow
// because of overload, and it is wrong for what must not be done twice.
func Hedge[R any](ctx context.Context, delay time.Duration, attempts int, f func(ctx context.Context, attempt int) (R, error), discard func(R)) (R, error) {
	argument.Context("fanout.Hedge", ctx)
	if delay < 0 {
		panic(fmt.Sprintf("fanout.Hedge: delay is %v, want at least 0", delay))
	}
	argument.AtLeast("fanout.Hedge", "attempts", attempts, 1)
	argument.NotNil("fanout.Hedge", "f", f == nil)
	var none R
	if ctx.Err() != nil {
		return none, context.Cause(ctx)
	}
	r := newRace(ctx, 1, attempts, discard)
	more := func() bool { return !r.decided && len(r.attempts) < attempts && ctx.Err() == nil }
	r.start(f)
	timer := time.NewTimer(delay)
	defer timer.Stop()
	for r.running > 0 {
		var due <-chan time.Time // nil, which is never ready, when there will be no more
		if more() {
			due = timer.C
		}
		select {
		case o := <-r.outcomes: // every attempt sends one
			r.note(o)
		case <-due:
		}
		if more() { // it is time, or an attempt has failed
			r.start(f)
			timer.Reset(delay)
		}
	}
	results, err := r.result()
	if err != nil {
		return none, err
	}
	return results[0], nil
}
