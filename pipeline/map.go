package pipeline

import (
	"context"

	"github.com/braidgo/braid/internal/argument"
)

// Map is a stage that calls f for each item and passes on what f returns. An error of f
// ends the stream, behind the results of the items before, and is a [*StageError];
// [SkipItem] only drops the item.
//
//	Goroutines: none of its own. Workers(n): at most n, started on demand, and one that runs
//	            what is upstream. Buffer alone: that one.
//	Blocks:     while f does. Safe for concurrent runs if f is.
//	Ends:       when what is upstream ends, f fails, nobody wants more, or the context is
//	            done.
//	Panics:     a panic in f is raised in the caller of the sink, as a *braid.PanicError.
//	Memory:     one item. Workers(n): at most n, and what Buffer allows: items, or results
//	            that wait to be taken.
//
// Without [Workers] f is called for one item after the other, so it may use what is not
// safe for concurrent use. With them it is called for several at once. Each worker takes
// one item at a time, and none is idle while an item waits before the stage. The results
// are passed on in the order of the items: a slow one holds up the later ones, and when
// the buffer is full no more are started; with Buffer(0) it soon leaves the other workers
// idle. With [Unordered] it does not. When the item at position k fails, no later item is
// started, and the earlier ones are done to their end; should one of these fail as well,
// that is the error. The context of the later ones ends when the turn comes to k.
//
// When all there is is a slice and one function, use Map of package fanout.
func Map[A, B any](s Stream[A], f func(context.Context, A) (B, error), opts ...Option) Stream[B] {
	s.check("pipeline.Map", "s")
	argument.NotNil("pipeline.Map", "f", f == nil)
	o := apply("Map", opts)
	n := &node{name: o.name, inputs: []*node{s.node}, workers: o.workers}
	f = region(o, f)
	fused := func(p place, yield func(B) bool) error { return mapFused(p, n, buffered(s, o, n), f, yield) }
	ring := func(p place, yield func(B) bool) error { return parallelMap(p, n, o, s, newFeed[A], f, yield) }
	return stream(n, o, fused, ring)
}

// mapFused calls f on the goroutine of whatever is before it.
func mapFused[A, B any](p place, n *node, s Stream[A], f func(context.Context, A) (B, error), yield func(B) bool) error {
	at, ctx := p.enter(n), p.ctx
	yield = counted(at.meters.out, yield)
	var failure error
	drop := func(err error) (more bool) { // apart, so that nothing is kept for it on the way
		if skips(err) {
			return true
		}
		failure = p.fail(at, err)
		return false
	}
	err := s.run(p, counted(at.meters.in, func(item A) bool {
		p.begin(at)
		result, err := f(ctx, item)
		if err != nil {
			return drop(err)
		}
		return yield(result)
	}))
	if failure != nil {
		return failure
	}
	return err
}

// parallelMap calls f on workers.
func parallelMap[A, B any](p place, n *node, o options, s Stream[A], newSupply func(*window, options) supply[A],
	f func(context.Context, A) (B, error), yield func(B) bool) error {
	w := newWindow(p, o)
	results := newTurns[B](w, o)
	c := newCrew(p, n, o, w, newSupply(w, o))
	var none B
	c.do = func(at int64, item A) (woke bool) {
		result, err := f(c.ctx, item)
		if err != nil && !skips(err) {
			c.fail(at, err)
		}
		return results.put(at, result, err == nil)
	}
	c.broken = func(at int64, _ error) { results.put(at, none, false) }
	c.join(p, s, nil)
	defer c.cancelUpstream()
	return results.drain(counted(c.at.meters.out, yield))
}
