package pipeline

import (
	"context"

	"github.com/braidgo/braid/internal/argument"
)

// Throttle is a stage that waits for limiter before it passes an item on. The limiters
// of braid/ratelimit and of golang.org/x/time/rate fit, and whatever else has such a Wait. An error of Wait
// ends the stream, as a [*StageError].
//
//	Goroutines: none of its own.
//	Blocks:     while Wait does. Safe for concurrent runs, which share the limiter.
//	Ends:       when the stream before it ends, Wait fails, nobody wants more, or the context is done.
//	Panics:     a panic in Wait is raised in the caller of the sink, as a *braid.PanicError.
//	Memory:     one item.
//
// What is upstream is slowed down as well, unless there is a buffer between. A limiter that
// sees that the context's deadline would come first may fail before that: then it is a
// StageError, and not the context's cause.
func Throttle[T any](s Stream[T], limiter interface{ Wait(context.Context) error }) Stream[T] {
	s.check("pipeline.Throttle", "s")
	argument.NotNil("pipeline.Throttle", "limiter", limiter == nil)
	s = s.detach()
	n := &node{name: "Throttle", inputs: []*node{s.node}}
	return Stream[T]{node: n, run: func(p place, yield func(T) bool) error {
		return mapFused(p, n, s, func(ctx context.Context, item T) (T, error) { return item, limiter.Wait(ctx) }, yield)
	}}
}
