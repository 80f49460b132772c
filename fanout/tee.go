package fanout

import (
	"context"
	"slices"
)

// Tee sends each value that it receives from in to all of the channels outs, to
// each as soon as it is ready, and takes the next value when all have this one. It
// goes on until in is closed. It closes nothing: outs belong to the caller, who may
// close them when Tee has returned.
//
//	Goroutines: none.
//	Blocks:     until in is closed. Safe for concurrent use.
//	Ends:       when in is closed, or ctx is done: then the error is its cause.
//	Panics:     without any outs, or if somebody closes one meanwhile.
//	Memory:     one value, and while it waits some words per channel.
//
// The slowest receiver sets the pace. One that stops receiving stops all, until ctx
// is done: then some may have a value that others have not. While more than one is
// not ready, waiting costs some hundred nanoseconds for each of those. When receivers
// come and go, or must not hold up each other, use a [Hub].
func Tee[T any](ctx context.Context, in <-chan T, outs ...chan<- T) error {
	outlets := distribution("fanout.Tee", ctx, in, outs)
	waiting := make([]outlet[T], 0, len(outlets))
	for {
		v, more, err := receive(ctx, in)
		if !more {
			return err
		}
		waiting = append(waiting[:0], outlets...)
		if !sendAll(ctx, v, waiting) {
			return context.Cause(ctx)
		}
	}
}

// sendAll sends v to all outlets, to each as soon as that is
// possible. It returns false when ctx was done before that. It reorders outs.
func sendAll[T any](ctx context.Context, v T, outs []outlet[T]) bool {
	for {
		outs = slices.DeleteFunc(outs, func(o outlet[T]) bool { return o.offer(v) })
		if len(outs) == 0 {
			return true
		}
		served := await(ctx, v, outs)
		if served < 0 {
			return false
		}
		outs = slices.Delete(outs, served, served+1)
	}
}
