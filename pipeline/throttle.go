package pipeline

import (
	"context"

	"github.com/braidgo/braid/internal/argument"
)

// Throttle is a stage that waits for limiter before it passes an item on. The limiters
// of package ratelimit and of golang.org/x/time/rate fit. It has no goroutine of its
// own: what is before it waits, too, unless there is a buffer between.
func Throttle[T any](s Stream[T], limiter interface{ Wait(context.Context) error }) Stream[T] {
	s.check("pipeline.Throttle", "s")
	argument.NotNil("pipeline.Throttle", "limiter", limiter == nil)
	n := &node{name: "Throttle", inputs: []*node{s.node}}
	return Stream[T]{n, func(p place, yield func(T) bool) error {
		return mapFused(p, n, s, func(ctx context.Context, item T) (T, error) { return item, limiter.Wait(ctx) }, yield)
	}}
}
