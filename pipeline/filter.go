package pipeline

import "github.com/braidgo/braid/internal/argument"

// Filter is a stage that passes on those items for which keep returns true. For a keep
// that takes long, or can fail, use [Map] with a function that returns [SkipItem] for
// what is to be dropped.
//
//	Goroutines: none of its own.
//	Blocks:     while keep does. Safe for concurrent runs if keep is.
//	Ends:       when the stream before it ends, or nobody wants more.
//	Panics:     a panic in keep is raised in the caller of the sink, as a *braid.PanicError.
//	Memory:     one item.
func Filter[T any](s Stream[T], keep func(T) bool) Stream[T] {
	s.check("pipeline.Filter", "s")
	argument.NotNil("pipeline.Filter", "keep", keep == nil)
	s = s.detach()
	n := &node{name: "Filter", inputs: []*node{s.node}}
	return Stream[T]{node: n, run: func(p place, yield func(T) bool) error {
		at := p.enter(n)
		yield = counted(at.meters.out, yield)
		return s.run(p, counted(at.meters.in, func(item T) bool {
			p.begin(at)
			return !keep(item) || yield(item)
		}))
	}}
}
