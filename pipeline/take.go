package pipeline

import "github.com/braidgo/braid/internal/argument"

// Take is a stage that passes on the first n items and ends the stream behind them. It
// asks for no further item, and what is upstream ends, also if it waits; but stages with
// workers or a buffer have read ahead by then. With n = 0 nothing upstream is run.
//
//	Goroutines: none of its own.
//	Blocks:     while what is before it does. Safe for concurrent runs.
//	Ends:       after n items, or when the stream before it ends, or nobody wants more.
//	Panics:     if n < 0.
//	Memory:     one item.
func Take[T any](s Stream[T], n int) Stream[T] {
	s.check("pipeline.Take", "s")
	argument.AtLeast("pipeline.Take", "n", n, 0)
	s = s.detach()
	stage := &node{name: "Take", inputs: []*node{s.node}}
	return Stream[T]{node: stage, run: func(p place, yield func(T) bool) error {
		if n == 0 {
			return nil
		}
		at := p.enter(stage)
		yield = counted(at.meters.out, yield)
		left := n
		err := s.run(p, counted(at.meters.in, func(item T) bool {
			left--
			return yield(item) && left > 0
		}))
		if left == 0 {
			return nil
		}
		return err
	}}
}
