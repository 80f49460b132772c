package pipeline

import (
	"context"

	"github.com/braidgo/braid/internal/argument"
)

// Map is a stage that calls f for each item and passes on what that returns. An error
// ends the stream, behind the results of the items before, and is a [*StageError]; but
// [SkipItem] only drops the item.
func Map[A, B any](s Stream[A], f func(context.Context, A) (B, error), opts ...Option) Stream[B] {
	s.check("pipeline.Map", "s")
	argument.NotNil("pipeline.Map", "f", f == nil)
	o := apply("Map", opts)
	n := &node{name: o.name, inputs: []*node{s.node}, workers: o.workers}
	f = region(o, f)
	if o.workers == 0 {
		s = buffered(s, o, n)
		return Stream[B]{n, func(p place, yield func(B) bool) error { return mapFused(p, n, s, f, yield) }}
	}
	return Stream[B]{n, func(p place, yield func(B) bool) error {
		return parallelMap(p, n, o, s, newFeed[A], f, yield)
	}}
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
	w := newWindow(o)
	results := newTurns[B](w, o)
	c := newCrew(p, n, o, w, newSupply(w, o))
	var none B
	c.do = func(at int64, item A) {
		result, err := f(c.ctx, item)
		if err != nil && !skips(err) {
			c.fail(at, err)
		}
		results.put(at, result, err == nil)
	}
	c.broken = func(at int64, _ error) { results.put(at, none, false) }
	c.join(p, s, nil)
	err := results.drain(counted(c.at.meters.out, yield))
	c.leave()
	return err
}
