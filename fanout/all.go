package fanout

import (
	"context"
	"fmt"
	"sync"

	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/capture"
)

// All calls all functions at the same time, each on a goroutine of its own. The
// first error cancels the others' context, and All returns it as an [*IndexError]
// whose Index is the function's place among the arguments. All functions are called,
// even if one has failed, or ctx has ended, before another begins: they may have
// channels to close, for which others wait. Only if ctx is done before the call,
// none of them is called.
//
//	Goroutines: one per function; none after it returns.
//	Blocks:     until all functions have ended. Safe for concurrent use.
//	Ends:       when all functions have returned; a failure, or the end of ctx, cancels them.
//	Panics:     without any function; a panic in one is raised again here, as a *braid.PanicError.
//	Memory:     a stack per function.
//
// A failure that comes after the end of ctx is its consequence: the error is then
// the cause of that end.
//
// It is for a few different things that can fail. For the same thing to be done to
// many inputs, use [Map]. An errgroup.Group does nearly the same, with functions
// added one by one; but a panic in one of them ends the program.
func All(ctx context.Context, fs ...func(context.Context) error) error {
	argument.Context("fanout.All", ctx)
	argument.AtLeast("fanout.All", "len(fs)", len(fs), 1)
	for i, f := range fs {
		argument.NotNil("fanout.All", fmt.Sprintf("fs[%d]", i), f == nil)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var e ending
	e.begin(ctx)
	var running sync.WaitGroup
	for i, f := range fs {
		// Ends when f does. capture.Run calls the first function, and then the second,
		// whether the first has returned, panicked or called runtime.Goexit.
		running.Go(func() {
			capture.Run(func() {
				if err := f(e.ctx); err != nil {
					e.fail(&IndexError{i, err})
				}
			}, func(err error) { e.endOf(i, err) })
		})
	}
	running.Wait()
	return e.result()
}
