package fanout

import (
	"context"
	"fmt"

	"github.com/braidgo/braid/internal/argument"
)

// Quorum calls f for every element of in, all at the same time, until k of them
// have succeeded, and returns their k results in the order they came. The others
// are cancelled and waited for. As soon as so many have failed that k successes are
// out of reach, the rest is cancelled and Quorum returns all failures so far,
// joined, each an [*IndexError].
//
//	Goroutines: one per element; none after it returns.
//	Blocks:     until all calls of f have ended. Safe for concurrent use.
//	Ends:       when k calls have succeeded, or too many failed, or ctx is done.
//	Panics:     unless k is 1 to len(in); a panic in f or discard is raised again here, as a *braid.PanicError.
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
// It is for asking replicas and being content with a majority. For the first
// answer use [First]; for all of them [Map].
func Quorum[T, R any](ctx context.Context, k int, in []T, f func(context.Context, T) (R, error), discard func(R)) ([]R, error) {
	argument.Context("fanout.Quorum", ctx)
	if k < 1 || k > len(in) {
		panic(fmt.Sprintf("fanout.Quorum: k is %d, want 1 to len(in), which is %d", k, len(in)))
	}
	argument.NotNil("fanout.Quorum", "f", f == nil)
	return quorum(ctx, k, in, f, discard)
}

func quorum[T, R any](ctx context.Context, k int, in []T, f func(context.Context, T) (R, error), discard func(R)) ([]R, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	r := newRace(ctx, k, len(in), discard)
	for range in {
		r.start(func(ctx context.Context, i int) (R, error) { return f(ctx, in[i]) })
	}
	for r.running > 0 {
		r.note(<-r.outcomes) // every attempt sends one
	}
	return r.result()
}
