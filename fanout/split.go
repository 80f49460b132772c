package fanout

import (
	"context"
	"fmt"

	"github.com/braidgo/braid/internal/argument"
)

// Split sends each value that it receives from in to one of the channels outs, one
// that is ready for it, until in is closed. Where several are ready they take
// turns. It closes nothing: outs belong to the caller, who may close them when
// Split has returned.
//
//	Goroutines: none.
//	Blocks:     until in is closed. Safe for concurrent use.
//	Ends:       when in is closed, or ctx is done: then the error is its cause.
//	Panics:     without any outs, or if somebody closes one meanwhile.
//	Memory:     one value, and while it waits some words per channel.
//
// When ctx has ended it, one value may have been received and not sent; it is
// lost.
//
// While a receiver is ready, a value costs a receive and a send. While none is, waiting
// costs some hundred nanoseconds per channel.
//
// Receivers that are alike can all receive from in itself: that is what channels
// do. Split is for those that must each have a channel of their own.
func Split[T any](ctx context.Context, in <-chan T, outs ...chan<- T) error {
	outlets := distribution("fanout.Split", ctx, in, outs)
	turn := 0
	for {
		v, more, err := receive(ctx, in)
		if !more {
			return err
		}
		taker := -1
		for i := 0; taker < 0 && i < len(outlets); i++ {
			if o := (turn + i) % len(outlets); outlets[o].offer(v) {
				taker = o
			}
		}
		if taker < 0 {
			taker = await(ctx, v, outlets)
		}
		if taker < 0 {
			return context.Cause(ctx)
		}
		turn = taker + 1
	}
}

// distribution checks the arguments that Split and Tee have in common.
func distribution[T any](function string, ctx context.Context, in <-chan T, outs []chan<- T) []outlet[T] {
	argument.Context(function, ctx)
	argument.NotNil(function, "in", in == nil)
	argument.AtLeast(function, "len(outs)", len(outs), 1)
	outlets := make([]outlet[T], len(outs))
	for i, out := range outs {
		argument.NotNil(function, fmt.Sprintf("outs[%d]", i), out == nil)
		outlets[i].c = out
	}
	return outlets
}
