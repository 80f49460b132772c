package fanout

import (
	"context"

	"github.com/braidgo/braid/internal/argument"
)

// First calls f for every element of in, all at the same time, and returns the
// first result. The others are cancelled and waited for. If all of them fail, it
// returns all errors joined, each an [*IndexError]; without any input, [ErrNoInput].
//
//	Goroutines: one per element; none after it returns.
//	Blocks:     until all calls of f have ended. Safe for concurrent use.
//	Ends:       when a call has succeeded, or all have failed, or ctx is done.
//	Panics:     a panic in f or discard is raised again here, as a *braid.PanicError.
//	Memory:     a context, a stack and a result per element.
//
// A call that ignores its context delays the answer, though it cannot change it. If
// ctx ends, and too few have succeeded all the same, the error is its cause, joined
// with the failures that came before it.
//
// When all calls have ended, discard is given, on the caller's goroutine, one by one,
// every result that is not returned: those that came too late, and all of them if a
// call or discard itself panics. nil means that there is nothing to do. What f
// returns together with an error is no result: f closes it itself.
//
// The context of a call whose result is returned lives as long as ctx, so that a
// response body stays readable. Until then ctx holds it: if ctx can be cancelled and
// lives as long as the program, every call leaks one (and, where its type is foreign
// to package context, a goroutine). So derive one, and cancel it when the result has
// been used:
//
//	ctx, cancel := context.WithCancel(ctx)
//	defer cancel()
//
// It costs those who are asked as much as if all answers were needed. Where most
// answers are quick, and few slow, [Hedge] gets nearly the same, and asks a second
// time only for the slow ones.
func First[T, R any](ctx context.Context, in []T, f func(context.Context, T) (R, error), discard func(R)) (R, error) {
	argument.Context("fanout.First", ctx)
	argument.NotNil("fanout.First", "f", f == nil)
	var none R
	if len(in) == 0 && ctx.Err() == nil {
		return none, ErrNoInput
	}
	results, err := quorum(ctx, 1, in, f, discard)
	if err != nil {
		return none, err
	}
	return results[0], nil
}
