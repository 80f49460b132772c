package pipeline

import (
	"fmt"
	"sync/atomic"
)

// Merge makes one stream of several, which run at the same time. The items of each stay
// in order. When one stream fails, what has come before that is passed on, and the
// others end. Of no streams it makes an empty one.
//
//	Goroutines: one for each stream.
//	Blocks:     until one of the streams has an item. Safe for concurrent runs if they are.
//	Ends:       when all streams have ended, one fails, nobody wants more, or the context is done.
//	Panics:     none of its own.
//	Memory:     at most 64 items that wait, and one for each stream.
func Merge[T any](ss ...Stream[T]) Stream[T] {
	n := &node{name: "Merge"}
	for i, s := range ss {
		s.check("pipeline.Merge", fmt.Sprintf("ss[%d]", i))
		n.inputs = append(n.inputs, s.node)
	}
	return Stream[T]{node: n, run: func(p place, yield func(T) bool) error { return merge(p, n, ss, yield) }}
}

func merge[T any](p place, n *node, ss []Stream[T], yield func(T) bool) error {
	at := p.enter(n)
	if len(ss) == 0 {
		return nil
	}
	q := newQueue[T](inBetween, inBetween, len(ss), p.segment)
	p.waitsAt(n, q.waiting)
	var running atomic.Int64
	running.Store(int64(len(ss)))
	up := make([]*segment, len(ss))
	for i := range ss {
		var leave func()
		up[i], leave = p.upstream(q.stop)
		defer leave()
	}
	for i, s := range ss {
		above := p.upstreamPlace(up[i])
		push := counted(at.meters.in, func(item T) bool { return q.pushShared(item, up[i].clock) })
		up[i].start(func() error { return s.run(above, push) }, func(result error) {
			if result != nil { // before it counts as one that has ended
				if _, ok := result.(raised); ok && q.closed.Load() {
					p.run.panickedApart()
				}
				q.closeShared(result)
				for _, other := range up {
					other.end(errDone)
				}
			}
			if running.Add(-1) == 0 {
				q.closeShared(nil)
			}
		})
	}
	return q.drain(counted(at.meters.out, yield))
}
