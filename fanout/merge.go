package fanout

import (
	"context"
	"fmt"

	"github.com/braidgo/braid/internal/argument"
)

// Merge sends what it receives from the channels ins to out, until all of them are
// closed; with no channels, it returns at once. It closes nothing: out belongs to
// the caller, who may close it when Merge has returned. Values of one channel stay
// in order.
//
//	Goroutines: one per channel of ins; none after it returns.
//	Blocks:     until all of ins are closed. Safe for concurrent use.
//	Ends:       when all of ins are closed, or ctx is done: then the error is its cause.
//	Panics:     if somebody closes out meanwhile, as a *braid.PanicError.
//	Memory:     one value and a stack per channel.
//
// When ctx has ended it, one value of each channel may have been received and not
// sent; it is lost.
//
// A value costs a receive, a send and a change of goroutines more than if its
// producer had sent it to out itself. Where the producers are your own, have them do
// that.
func Merge[T any](ctx context.Context, out chan<- T, ins ...<-chan T) error {
	argument.Context("fanout.Merge", ctx)
	argument.NotNil("fanout.Merge", "out", out == nil)
	for i, in := range ins {
		argument.NotNil("fanout.Merge", fmt.Sprintf("ins[%d]", i), in == nil)
	}
	_, err := Map(ctx, max(1, len(ins)), ins, func(ctx context.Context, in <-chan T) (struct{}, error) {
		return struct{}{}, forward(ctx, out, in)
	})
	return err
}

func forward[T any](ctx context.Context, out chan<- T, in <-chan T) error {
	for {
		v, more, err := receive(ctx, in)
		if !more {
			return err
		}
		select {
		case out <- v:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
