package pipeline

import (
	"context"
	"iter"

	"github.com/braidgo/braid/internal/argument"
)

// From makes a stream of a sequence. It can be run again if seq can.
//
//	Goroutines: none of its own.
//	Blocks:     while seq does. Safe for concurrent runs if seq is.
//	Ends:       when seq is exhausted, nobody wants more, or the context is done: then the
//	            error is its cause.
//	Panics:     a panic in seq is raised in the caller of the sink, as a *braid.PanicError.
//	Memory:     one item.
//
// Some sequences can be run only once, those of strings.Lines and strings.SplitSeq among
// them: what a second run yields then is not to be relied on. The context is looked at
// before each item. A sequence that waits for something, and knows of no context, delays
// the end of a run by that wait: for one that waits use [Generate] or [FromChan]. What seq
// yields after yield has said no, or after it has returned, is dropped. To yield on two
// goroutines at once panics, and so does it to recover a panic of the stages downstream
// and go on.
func From[T any](seq iter.Seq[T]) Stream[T] {
	argument.NotNil("pipeline.From", "seq", seq == nil)
	n := &node{name: "From"}
	return Stream[T]{node: n, run: func(p place, yield func(T) bool) error {
		return runSource(p, n, yield, func(_ context.Context, yield func(T) bool) error {
			seq(yield)
			return nil
		})
	}}
}

// FromSeq2 makes a stream of a sequence of items and errors. open is called at the
// beginning of each run; the sequence that it returns should obey ctx where it waits.
// The first error ends the stream, behind the items before it, as a [*StageError].
//
//	Goroutines: none of its own.
//	Blocks:     while the sequence does. Safe for concurrent runs if open is.
//	Ends:       when the sequence is exhausted or yields an error, nobody wants more, or the
//	            context is done: then the error is its cause.
//	Panics:     a panic in open or the sequence is raised in the caller of the sink, as a
//	            *braid.PanicError.
//	Memory:     one item.
//
// The item beside an error is dropped, and so is whatever the sequence yields after it.
func FromSeq2[T any](open func(context.Context) iter.Seq2[T, error]) Stream[T] {
	argument.NotNil("pipeline.FromSeq2", "open", open == nil)
	n := &node{name: "FromSeq2"}
	return Stream[T]{node: n, run: func(p place, yield func(T) bool) error {
		return runSource(p, n, yield, func(ctx context.Context, yield func(T) bool) (failure error) {
			seq := open(ctx)
			if seq == nil {
				panic("pipeline.FromSeq2: open has returned nil")
			}
			seq(func(item T, err error) bool {
				if failure == nil {
					failure = err
				}
				return failure == nil && yield(item)
			})
			return failure
		})
	}}
}

// FromChan makes a stream of what comes out of a channel, until that is closed.
//
//	Goroutines: none of its own.
//	Blocks:     until something comes out of ch. Safe for concurrent runs, which then share
//	            what comes.
//	Ends:       when ch is closed, nobody wants more, or the context is done: then the error
//	            is its cause.
//	Panics:     if ch is nil.
//	Memory:     one item. A run that ends early leaves in ch what it has not received; what it
//	            has, and has not delivered, is lost.
//
// Whoever sends to ch is not told when a run ends early. Give it the same context, or
// let it be produced by [Generate] instead.
func FromChan[T any](ch <-chan T) Stream[T] {
	argument.NotNil("pipeline.FromChan", "ch", ch == nil)
	n := &node{name: "FromChan"}
	return Stream[T]{node: n, run: func(p place, yield func(T) bool) error {
		return runSource(p, n, yield, func(ctx context.Context, yield func(T) bool) error {
			for {
				item, ok := receive(ctx, p.clock.whenStarved(), ch)
				if !ok || !yield(item) {
					return nil
				}
			}
		})
	}}
}

// receive waits for the channel, or for the end of the context.
func receive[T any](ctx context.Context, lost *gauge, ch <-chan T) (item T, ok bool) {
	select {
	case item, ok = <-ch: // a select with one case and a default is much cheaper than the other
		return item, ok
	default:
	}
	lost.add(1)
	defer lost.add(-1)
	select {
	case item, ok = <-ch:
		return item, ok
	case <-ctx.Done():
		return item, false
	}
}

// Generate makes a stream of what produce yields. It is the source for what waits or
// fails. produce is called once in each run, should obey ctx, and should return when
// yield has returned false. Its error ends the stream, behind the items before it, as a
// [*StageError], also if it is SkipItem; when yield has returned false before that, its
// error is ignored.
//
//	Goroutines: none of its own.
//	Blocks:     while produce does. Safe for concurrent runs if produce is.
//	Ends:       when produce returns, or the context is done: then the error is its cause.
//	Panics:     a panic in produce is raised in the caller of the sink, as a *braid.PanicError.
//	Memory:     one item.
//
// What is said of the sequence of [From] holds for produce.
func Generate[T any](produce func(ctx context.Context, yield func(T) bool) error) Stream[T] {
	argument.NotNil("pipeline.Generate", "produce", produce == nil)
	n := &node{name: "Generate"}
	return Stream[T]{node: n, run: func(p place, yield func(T) bool) error {
		return runSource(p, n, yield, produce)
	}}
}

// runSource runs the code of a source, in a guard.
func runSource[T any](p place, n *node, yield func(T) bool, produce func(context.Context, func(T) bool) error) error {
	at := p.enter(n)
	at.next = 1 // it has begun, and if it fails, it fails on the item that it would yield next
	yield = counted(at.meters.out, yield)
	g := guard{function: "pipeline." + n.name, segment: p.segment, at: at}
	no := false
	seg := p.segment
	seg.source = &g
	err := produce(p.ctx, func(item T) bool {
		if !g.enter() {
			return false
		}
		if !seg.over() {
			at.next++
			if yield(item) {
				g.leave(true)
				return true
			}
			no = true
		}
		g.leave(false)
		return false
	})
	g.close()
	seg.source = nil
	switch {
	case p.over() || p.ctxDone():
		return p.cause() // who can tell whether it was at its end, or has obeyed?
	case err != nil && !no:
		return p.fail(at, err)
	}
	return nil
}
