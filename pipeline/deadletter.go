package pipeline

import (
	"context"

	"github.com/braidgo/braid/internal/argument"
)

// DeadLetter makes a function for a stage that hands an item whose f has failed to park,
// with the error, and drops it, so that the stream goes on. When park fails, its error
// is that of the stage. [SkipItem] is no failure, and when the context is done nothing is
// parked: the item was not tried to its end. Nor is an item whose f has panicked.
//
//	Goroutines: none.
//	Blocks:     while f and park do. Safe for concurrent use if they are: with Workers, park is called by several at once.
//	Ends:       when f and park do.
//	Panics:     if f or park is nil; what they do.
//	Memory:     nothing beyond what f and park take.
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
