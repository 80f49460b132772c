package pipeline

import "github.com/braidgo/braid/internal/argument"

// Filter is a stage that passes on those items for which keep returns true. It has no
// goroutine of its own; for a keep that takes long, or may fail, use [Map], whose
// function returns [SkipItem] for what is to be dropped.
func Filter[T any](s Stream[T], keep func(T) bool) Stream[T] {
	s.check("pipeline.Filter", "s")
	argument.NotNil("pipeline.Filter", "keep", keep == nil)
	n := &node{name: "Filter", inputs: []*node{s.node}}
	return Stream[T]{n, func(p place, yield func(T) bool) error {
		at := p.enter(n)
		yield = counted(at.meters.out, yield)
		return s.run(p, counted(at.meters.in, func(item T) bool {
			p.begin(at)
			return !keep(item) || yield(item)
		}))
	}}
}
