package pipeline

import (
	"cmp"
	"context"
	"sync"

	"github.com/braidgo/braid/internal/argument"
)

// FlatMap is a stage that calls f for each item and passes on whatever f yields. f
// should return when yield has returned false. Its error ends the stream, behind what it
// has yielded and the items before, and is a [*StageError]; [SkipItem] only ends the
// item.
//
//	Goroutines: none of its own. Workers(n): at most n, started on demand, and one that runs
//	            what is upstream. Buffer alone: that one.
//	Blocks:     while f does, whose yield waits for whatever is downstream. Safe for
//	            concurrent runs if f is.
//	Ends:       when what is upstream ends, f fails, nobody wants more, or the context is
//	            done.
//	Panics:     a panic in f is raised in the caller of the sink, as a *braid.PanicError.
//	Memory:     one item. Workers(n): at most n, and what Buffer allows, with 16 results for
//	            each that was begun; Unordered, as many results as Buffer says, at least one, or 64.
//
// With [Workers] and in order, an item whose turn has come passes its results on as it
// yields them. One whose turn has not come can yield 16 ahead and then waits: where items
// have many results that are slow to find, they are found almost one item after the
// other. Then use [Map] with a function that returns a slice, and [Flatten]. With
// [Unordered] the results of different items come as they may; those of one item stay
// in their order.
//
// Call yield only until f returns, and on one goroutine at a time. What a yield that was
// kept for longer passes on may count as another item's.
func FlatMap[A, B any](s Stream[A], f func(ctx context.Context, a A, yield func(B) bool) error, opts ...Option) Stream[B] {
	s.check("pipeline.FlatMap", "s")
	argument.NotNil("pipeline.FlatMap", "f", f == nil)
	o := apply("FlatMap", opts)
	n := &node{name: o.name, inputs: []*node{s.node}, workers: o.workers}
	f = regionOf(o, f)
	fused := func(p place, yield func(B) bool) error { return flatMapFused(p, n, buffered(s, o, n), f, yield) }
	ring := func(p place, yield func(B) bool) error { return flatMapInTurn(p, n, o, s, f, yield) }
	if o.unordered {
		ring = func(p place, yield func(B) bool) error { return flatMapUnordered(p, n, o, s, f, yield) }
	}
	return stream(n, o, fused, ring)
}

func flatMapFused[A, B any](p place, n *node, s Stream[A], f func(context.Context, A, func(B) bool) error, yield func(B) bool) error {
	at, ctx := p.enter(n), p.ctx
	yield = counted(at.meters.out, yield)
	g := guard{function: "pipeline.FlatMap", segment: p.segment}
	no := false
	emit := func(result B) bool {
		if !g.enter() {
			return false
		}
		more := !p.over() && yield(result)
		no = !more
		p.current = at.id
		g.leave(more)
		return more
	}
	var failure error
	err := s.run(p, counted(at.meters.in, func(item A) bool {
		p.begin(at)
		g.reopen()
		err := f(ctx, item, emit)
		g.close()
		if err != nil && !no && !skips(err) {
			failure = p.fail(at, err)
			return false
		}
		return !no
	}))
	return cmp.Or(failure, err)
}

// emitter is the yield function for the items of a worker, one after the other.
type emitter[B any] struct {
	guard guard
	emit  func(B) bool
}

func newEmitter[B any](c *segment, push func(B) bool) *emitter[B] {
	e := &emitter[B]{guard: guard{function: "pipeline.FlatMap", segment: c}}
	e.emit = func(result B) bool {
		if !e.guard.enter() {
			return false
		}
		more := push(result)
		e.guard.leave(more)
		return more
	}
	return e
}

// flatMapUnordered has all workers push to one queue.
func flatMapUnordered[A, B any](p place, n *node, o options, s Stream[A], f func(context.Context, A, func(B) bool) error, yield func(B) bool) error {
	w := newWindow(p, o)
	c := newCrew(p, n, o, w, newFeed[A](w, o))
	results := o.buffer
	if results < 0 {
		results = inBetween
	}
	out := newQueue[B](results, results, o.workers, p.segment)
	push := func(result B) bool { return out.pushShared(result, c.clock) }
	p.onEnd(func() { out.stop(p.cause()) })
	done := func() { // with an item, or with all that is before
		if w.closed.Load() && w.head.Load() == w.tail.Load() {
			out.closeShared(w.end()) // and not w.result: what was left has not come to its end
		}
	}
	c.do = func(at int64, item A) (woke bool) {
		e := newEmitter(c.up, push)
		err := f(c.ctx, item, e.emit)
		e.guard.close()
		if err != nil && !skips(err) {
			c.fail(at, err)
		}
		w.release(1)
		done()
		return false
	}
	c.broken = func(int64, error) { w.release(1); done() }
	c.join(p, s, done)
	defer out.stop(errDone)
	defer c.cancelUpstream()
	return out.drain(counted(c.at.meters.out, yield))
}

// A worker that has an item whose turn has not come can be ahead by so many results.
const resultsAhead = 16

// flatMapInTurn gives each item a queue of its own for its results, and the queues
// take their turns.
//
//	[  ][q1][q2][q3][  ]      q1: being drained, while its worker still fills it
//	     │   │   └─ 16 results and a worker that waits
//	     │   └─ finished: 3 results
//	     ▼
//	   yield
func flatMapInTurn[A, B any](p place, n *node, o options, s Stream[A], f func(context.Context, A, func(B) bool) error, yield func(B) bool) error {
	w := newWindow(p, o)
	results := newTurns[*queue[B]](w, o)
	results.held = true
	c := newCrew(p, n, o, w, newFeed[A](w, o))
	queues := newQueues[B](len(results.slots), c.up, c.clock, p.segment)
	p.onEnd(func() { queues.stop(p.cause()) })
	c.do = func(at int64, item A) (woke bool) {
		q := queues.take(at)
		woke = results.put(at, q.queue, true)
		err := f(c.ctx, item, q.emit)
		q.guard.close()
		if err != nil && !skips(err) {
			err = c.fail(at, err)
		} else {
			err = nil
		}
		q.close(err)
		return woke
	}
	c.broken = func(at int64, err error) { queues.of(at).close(err) }
	c.join(p, s, nil)
	defer queues.stop(errDone)
	defer c.cancelUpstream()
	var failure error
	no := false
	yield = counted(c.at.meters.out, yield)
	err := results.drain(func(q *queue[B]) bool {
		failure = q.drain(func(result B) bool {
			no = !yield(result)
			return !no
		})
		return failure == nil && !no
	})
	return cmp.Or(failure, err)
}

// queues are the queues of the items in a window. A queue is used again when its item
// has left the window.
type queues[B any] struct {
	mu      sync.Mutex
	bySlot  []resultsOf[B]
	stopped error
	make    func() resultsOf[B]
}

type resultsOf[B any] struct {
	*queue[B]
	*emitter[B]
}

func newQueues[B any](slots int, workers *segment, blocked *clock, popper *segment) *queues[B] {
	return &queues[B]{bySlot: make([]resultsOf[B], slots), make: func() resultsOf[B] {
		q := newQueue[B](resultsAhead, resultsAhead, 1, popper)
		return resultsOf[B]{q, newEmitter(workers, func(result B) bool { return q.push(result, blocked) })}
	}}
}

func (qs *queues[B]) of(at int64) *queue[B] {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	return qs.bySlot[at&int64(len(qs.bySlot)-1)].queue
}

// take returns an empty queue for an item.
func (qs *queues[B]) take(at int64) resultsOf[B] {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	q := &qs.bySlot[at&int64(len(qs.bySlot)-1)]
	if q.queue == nil {
		*q = qs.make()
	}
	q.reset()
	q.guard.reopen()
	if qs.stopped != nil {
		q.stop(qs.stopped)
	}
	return *q
}

// stop frees whoever waits at one of them.
func (qs *queues[B]) stop(cause error) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	qs.stopped = cause
	for _, q := range qs.bySlot {
		if q.queue != nil {
			q.stop(cause)
		}
	}
}
