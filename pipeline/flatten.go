package pipeline

// Flatten is a stage that passes on the elements of slices, one by one.
//
//	Goroutines: none of its own.
//	Blocks:     while what is behind it does. Safe for concurrent runs.
//	Ends:       when the stream before it ends, nobody wants more, or the context is done.
//	Panics:     none of its own.
//	Memory:     one slice.
func Flatten[S ~[]T, T any](s Stream[S]) Stream[T] {
	s.check("pipeline.Flatten", "s")
	s = s.detach()
	n := &node{name: "Flatten", inputs: []*node{s.node}}
	return Stream[T]{node: n, run: func(p place, yield func(T) bool) error {
		at := p.enter(n)
		yield = counted(at.meters.out, yield)
		return s.run(p, counted(at.meters.in, func(items S) bool {
			for _, item := range items {
				if p.over() || !yield(item) {
					return false
				}
			}
			return true
		}))
	}}
}
