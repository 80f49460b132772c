package fanout

import (
	"context"
	"fmt"

	"github.com/braidgo/braid/internal/argument"
)

// All calls all functions at the same time. The first error cancels the others'
// context, and All returns it as an [*IndexError] whose Index is the function's place
// among the arguments. A function that has not begun by then is not called.
//
//	Goroutines: one a function; none after it returns.
//	Blocks:     until all functions have ended. Safe for concurrent use.
//	Ends:       when all functions have returned; a failure, or the end of ctx, cancels them.
//	Panics:     a panic in a function is raised again here, as a *braid.PanicError.
//	Memory:     128 bytes and a stack a function.
//
// It is for two or ten different things. For the same thing to be done to many
// inputs, use [Map]. An errgroup.Group does nearly the same, with functions added
// one by one; but a panic in one of them ends the program.
func All(ctx context.Context, fs ...func(context.Context) error) error {
	argument.Context("fanout.All", ctx)
	argument.AtLeast("fanout.All", "len(fs)", len(fs), 1)
	for i, f := range fs {
		argument.NotNil("fanout.All", fmt.Sprintf("fs[%d]", i), f == nil)
	}
	_, err := Map(ctx, len(fs), fs, func(ctx context.Context, f func(context.Context) error) (struct{}, error) {
		return struct{}{}, f(ctx)
	})
	return err
}
