package pipeline

import (
	"context"
	"time"

	"github.com/braidgo/braid/internal/argument"
)

// Timeout makes a function for a stage whose context ends after d, with
// [context.DeadlineExceeded]. It is cooperative: f has to obey its context, and what it
// returns counts also if it comes late.
//
//	Goroutines: none.
//	Blocks:     while f does. Safe for concurrent use if f is.
//	Ends:       when f does.
//	Panics:     if f is nil or d <= 0; what f does.
//	Memory:     a context and a timer for each call.
func Timeout[A, B any](f func(context.Context, A) (B, error), d time.Duration) func(context.Context, A) (B, error) {
	argument.NotNil("pipeline.Timeout", "f", f == nil)
	argument.Duration("pipeline.Timeout", "d", d, 1)
	return func(ctx context.Context, item A) (B, error) {
		ctx, cancel := context.WithTimeout(ctx, d)
		defer cancel()
		return f(ctx, item)
	}
}
