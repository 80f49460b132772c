package fanout

import (
	"context"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/argument"
)

// Settle calls f for every element of in, as [Map] does, but lets no failure end the
// others: it returns a value or an error for each element, in the order of in.
// The Err of an element that was not started is the cause of ctx's end; that of
// one that called runtime.Goexit is braid.ErrGoexit.
//
//	Goroutines: at most workers, and no more than elements; none after it returns.
//	Blocks:     until all calls of f have ended. Safe for concurrent use.
//	Ends:       when every element is done, f panics, or ctx is done.
//	Panics:     a panic in f is raised again here, as a *braid.PanicError.
//	Memory:     the results, and 128 bytes and a stack per worker.
//
// When one failure makes the other results worthless, use Map, which stops.
func Settle[T, R any](ctx context.Context, workers int, in []T, f func(context.Context, T) (R, error)) []Result[R] {
	argument.Context("fanout.Settle", ctx)
	argument.AtLeast("fanout.Settle", "workers", workers, 1)
	argument.NotNil("fanout.Settle", "f", f == nil)
	out := make([]Result[R], len(in))
	settled := func(ctx context.Context, element T) (Result[R], error) {
		value, err := f(ctx, element)
		return Result[R]{value, err}, nil
	}
	exited := func(item int) { out[item].Err = braid.ErrGoexit }
	unstarted, err := spread(ctx, workers, in, out, settled, exited)
	for _, items := range unstarted {
		for i := items.lo; i < items.hi; i++ {
			out[i].Err = err
		}
	}
	return out
}
