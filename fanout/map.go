package fanout

import (
	"context"

	"github.com/braidgo/braid/internal/argument"
)

// Map calls f for every element of in, on at most workers goroutines at once, and
// returns the results in the order of in. The first error cancels the others'
// context, no further element is started, and Map returns that error as an
// [*IndexError]. The slice has the length of in even then: an element that was not
// started, or did not return, has the zero value, one that failed whatever f
// returned with its error. Nothing tells which results are good; to use them
// nevertheless, call [Settle].
//
//	Goroutines: at most workers, and no more than elements; none after it returns.
//	Blocks:     until all calls of f have ended. Safe for concurrent use.
//	Ends:       when every element is done, f fails, or ctx is done before that: then the error is its cause.
//	Panics:     a panic in f is raised again here, as a *braid.PanicError.
//	Memory:     the results, and 128 bytes and a stack per worker.
//
// Each worker begins with an equal part of in, and one that has finished takes
// over half of what another has left. So elements are started in no particular
// order, and while any is not started, no worker is idle: it does not matter where
// in the slice the expensive ones are. Sharing out costs about 1 ns an element on
// two cores; the README has the figures.
//
// For f that computes, use runtime.GOMAXPROCS(0) workers; for f that waits, as many
// as whatever it waits for will bear. When f takes only nanoseconds, a loop is as
// fast for some thousand elements. When the input is not a slice, use [ForEach].
func Map[T, R any](ctx context.Context, workers int, in []T, f func(context.Context, T) (R, error)) ([]R, error) {
	argument.Context("fanout.Map", ctx)
	argument.AtLeast("fanout.Map", "workers", workers, 1)
	argument.NotNil("fanout.Map", "f", f == nil)
	out := make([]R, len(in))
	_, err := spread(ctx, workers, in, out, f, nil)
	return out, err
}
