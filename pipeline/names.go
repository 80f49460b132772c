package pipeline

import (
	"context"
	"runtime/pprof"
	"runtime/trace"
)

// labelled returns the context for a stage's own goroutines.
func labelled(ctx context.Context, o options) context.Context {
	if !o.named {
		return ctx
	}
	return pprof.WithLabels(ctx, pprof.Labels("pipeline", o.name))
}

// region makes each call of f a region of the execution trace, if the stage has got a
// name.
func region[A, B any](o options, f func(context.Context, A) (B, error)) func(context.Context, A) (B, error) {
	if !o.named {
		return f
	}
	return func(ctx context.Context, item A) (B, error) {
		if trace.IsEnabled() {
			defer trace.StartRegion(ctx, o.name).End()
		}
		return f(ctx, item)
	}
}

// regionOf is region for the function of a FlatMap.
func regionOf[A, B any](o options, f func(context.Context, A, func(B) bool) error) func(context.Context, A, func(B) bool) error {
	if !o.named {
		return f
	}
	return func(ctx context.Context, item A, yield func(B) bool) error {
		if trace.IsEnabled() {
			defer trace.StartRegion(ctx, o.name).End()
		}
		return f(ctx, item, yield)
	}
}
