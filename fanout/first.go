package fanout

import (
	"context"

	"github.com/braidgo/braid/internal/argument"
)

// First calls f for every element of in, all at the same time, and returns the
// first result. The others are cancelled and waited for. If all of them fail, it
// returns all errors joined, each an [*IndexError]; without any input, [ErrNoInput].
//
//	Goroutines: one an element; none after it returns.
//	Blocks:     until all calls of f have ended. Safe for concurrent use.
//	Ends:       when a call has succeeded, or all have failed, or ctx is done.
//	Panics:     a panic in f or discard is raised again here, as a *braid.PanicError.
//	Memory:     a context, a stack and a result an element.
//
// A call that ignores its context delays the answer, though it cannot change it.
// discard is given, on the caller's goroutine, one by one, the results of those
// who succeeded too late; nil means that there is nothing to do.
//
// The context of the call whose result is returned lives as long as ctx, so that a
// response body stays readable; it is held by ctx until then. So ctx should be one
// that ends, such as a request's, and not the program's.
//
// It costs whoever is asked as much as if all answers were needed. Where most
// answers are quick, and few slow, [Hedge] gets nearly the same for a few percent.
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
