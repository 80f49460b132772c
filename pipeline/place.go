package pipeline

import "runtime/pprof"

// place is where a stage runs: on which goroutine, and who wants to know about it.
type place struct {
	*segment
	reports []*Report
}

// upstreamQueue joins a stage to what is before it, which gets a goroutine of its own, by a
// queue in which so many items may wait. The function that it returns is to be called
// when the stage wants no more; deferred, so that a panic ends what is before as well.
func upstreamQueue[T any](p place, s Stream[T], least, most int) (q *queue[T], leave func()) {
	q = newQueue[T](least, most, 1, p.segment)
	up, leave := p.upstream(q.stop)
	above := p.upstreamPlace(up)
	up.start(func() error {
		return s.run(above, func(item T) bool { return q.push(item, up.clock) })
	}, q.close)
	return q, leave
}

// upstreamPlace is the place of what is upstream of p, on another segment.
func (p place) upstreamPlace(up *segment) place {
	if len(p.reports) > 0 {
		up.clock = newClock()
	}
	return place{up, p.reports}
}

// buffered puts a queue before a fused stage that has a buffer.
func buffered[T any](s Stream[T], o options, n *node) Stream[T] {
	if o.buffer < 0 && o.workers == 0 {
		return s.detach()
	}
	return Stream[T]{node: s.node, run: func(p place, yield func(T) bool) error {
		least, most := o.ahead()
		q, leave := upstreamQueue(p, s, least, most)
		defer leave()
		p.waitsAt(n, q.waiting)
		return q.drain(yield)
	}}
}

// stream is that of a stage, in the way that its options say.
func stream[T any](n *node, o options, fused, ring func(p place, yield func(T) bool) error) Stream[T] {
	switch {
	case o.workers == 0:
		return Stream[T]{node: n, run: fused}
	case o.workers == 1 && !o.unordered:
		return alone(n, o, fused, ring)
	default:
		return Stream[T]{node: n, run: ring}
	}
}

// alone is the stream of a stage with one worker. As one goroutine keeps the order by
// itself, it needs no ring if what comes next has a queue before it: then the worker is
// a segment, that fills that queue, and an item makes one hop instead of two. If what
// comes next would be fused to it, it is run in a ring like any other.
func alone[T any](n *node, o options, fused, ring func(p place, yield func(T) bool) error) Stream[T] {
	segment := func(p place, yield func(T) bool) error {
		if o.named {
			p.labels = true
			pprof.SetGoroutineLabels(labelled(p.ctx, o))
		}
		return fused(p, yield)
	}
	return Stream[T]{node: n, run: segment, detached: ring}
}
