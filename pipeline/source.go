package pipeline

import (
	"context"
	"iter"

	"github.com/braidgo/braid/internal/argument"
)

// From makes a stream of a sequence. It runs on one goroutine, and can be run again if
// seq can.
//
// The context is looked at before each item. A sequence that waits for something, and
// knows of no context, delays the end of a run by that: for one that waits, use
// [Generate], or [FromChan].
func From[T any](seq iter.Seq[T]) Stream[T] {
	argument.NotNil("pipeline.From", "seq", seq == nil)
	n := &node{name: "From"}
	return Stream[T]{n, func(p place, yield func(T) bool) error {
		return produce(p, n, yield, func(_ context.Context, yield func(T) bool) error {
			seq(yield)
			return nil
		})
	}}
}

// FromSeq2 makes a stream of a sequence whose items may be errors. open is called at
// the beginning of each run; the sequence that it returns should obey ctx where it
// waits. The first error ends the stream: what is behind it is not asked for.
func FromSeq2[T any](open func(context.Context) iter.Seq2[T, error]) Stream[T] {
	argument.NotNil("pipeline.FromSeq2", "open", open == nil)
	n := &node{name: "FromSeq2"}
	return Stream[T]{n, func(p place, yield func(T) bool) error {
		return produce(p, n, yield, func(ctx context.Context, yield func(T) bool) (failure error) {
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

// FromChan makes a stream of what comes out of a channel, until that is closed. A run
// that ends before leaves in the channel what it has not yet received; nothing is
// received ahead of what the stages have room for.
func FromChan[T any](ch <-chan T) Stream[T] {
	argument.NotNil("pipeline.FromChan", "ch", ch == nil)
	n := &node{name: "FromChan"}
	return Stream[T]{n, func(p place, yield func(T) bool) error {
		return produce(p, n, yield, func(ctx context.Context, yield func(T) bool) error {
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

// Generate makes a stream of what produce yields. It is the source for whatever waits
// or fails: produce is called once in each run, should obey ctx, and should return when
// yield has returned false. Its error ends the stream, behind the items that it has
// yielded before; when it was yield that said no, its error is ignored.
func Generate[T any](produceItems func(ctx context.Context, yield func(T) bool) error) Stream[T] {
	argument.NotNil("pipeline.Generate", "produce", produceItems == nil)
	n := &node{name: "Generate"}
	return Stream[T]{n, func(p place, yield func(T) bool) error {
		return produce(p, n, yield, produceItems)
	}}
}

// produce runs a source.
func produce[T any](p place, n *node, yield func(T) bool, run func(context.Context, func(T) bool) error) error {
	at := p.enter(n)
	at.next = 1 // it has begun, and if it fails, it fails on the item that it would yield next
	p.current = at
	yield = counted(at.meters.out, yield)
	g := guard{function: "pipeline." + n.name, segment: p.segment}
	no := false
	err := run(p.ctx, func(item T) bool {
		if !g.enter() {
			return false
		}
		more := !p.over()
		if more {
			at.next++
			if more = yield(item); !more {
				no = true
			}
			p.current = at
		}
		g.leave(more)
		return more
	})
	g.close()
	switch {
	case p.over():
		return p.cause() // who can tell whether it was at its end, or has obeyed?
	case err != nil && !no:
		return p.fail(at, err)
	}
	return nil
}
