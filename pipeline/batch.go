package pipeline

import (
	"cmp"
	"sync/atomic"
	"time"

	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/capture"
)

// Batch is a stage that passes items on in slices of size. A slice that is not full is
// passed on when maxWait has gone by since its first item came, unless maxWait is 0. At the
// end of the stream what is left is passed on, also before an error or a panic that comes
// in its turn. When the run is cut short, by the end of the context or a failure of the
// sink, it is dropped. Each slice is new and belongs to whoever gets it; its capacity may
// be more than its length.
//
//	Goroutines: with a maxWait, one that runs what is upstream; otherwise none.
//	Blocks:     until a slice is to be passed on. Safe for concurrent runs.
//	Ends:       when what is upstream ends, or nobody wants more.
//	Panics:     if size < 1 or maxWait < 0.
//	Memory:     one slice of size items; with a maxWait at most 64 items more that wait.
//
// When an item comes counts, and not when the stage takes it: it may have waited, while
// a slice was being passed on. A batch of 100 costs some 30 ns an item, a third of that
// without maxWait.
func Batch[T any](s Stream[T], size int, maxWait time.Duration) Stream[[]T] {
	s.check("pipeline.Batch", "s")
	argument.AtLeast("pipeline.Batch", "size", size, 1)
	argument.Duration("pipeline.Batch", "maxWait", maxWait, 0)
	if maxWait == 0 {
		s = s.detach()
	}
	n := &node{name: "Batch", inputs: []*node{s.node}}
	return Stream[[]T]{node: n, run: func(p place, yield func([]T) bool) error {
		if maxWait == 0 {
			return batchFused(p, n, s, size, yield)
		}
		return batchTimed(p, n, s, size, maxWait, false, yield)
	}}
}

// Session is a stage that passes items on in slices of those that came close together: a
// slice ends when no further item has come for gap, when it has size items, and at the end
// of the stream, as in [Batch].
//
//	Goroutines: one for what is before it.
//	Blocks:     until a slice is to be passed on. Safe for concurrent runs.
//	Ends:       when the stream before it ends, or nobody wants more.
//	Panics:     if size < 1 or gap <= 0.
//	Memory:     one slice of size items, and at most 64 items more that wait.
//
// The clock is read for each item, which takes some 40 ns.
func Session[T any](s Stream[T], size int, gap time.Duration) Stream[[]T] {
	s.check("pipeline.Session", "s")
	argument.AtLeast("pipeline.Session", "size", size, 1)
	argument.Duration("pipeline.Session", "gap", gap, 1)
	n := &node{name: "Session", inputs: []*node{s.node}}
	return Stream[[]T]{node: n, run: func(p place, yield func([]T) bool) error {
		return batchTimed(p, n, s, size, gap, true, yield)
	}}
}

// batch is a slice that fills.
type batch[T any] struct {
	size    int
	items   []T
	last    int // how long the last one was: one that is as long, and one more to see that it grows
	yield   func([]T) bool
	passing bool // yield runs
	no      bool // it has said no
}

// add adds an item, and passes the slice on when it is full.
func (b *batch[T]) add(item T) bool {
	if b.items == nil {
		b.items = make([]T, 0, min(b.size, b.last+1))
	}
	b.items = append(b.items, item)
	return len(b.items) < b.size || b.pass()
}

// pass passes the slice on.
func (b *batch[T]) pass() bool {
	full := b.items
	b.items, b.last = nil, len(full)
	b.passing = true
	b.no = !b.yield(full)
	b.passing = false
	return !b.no
}

// flush passes on what there is. If it must not, since nothing more is to be started,
// it returns why: somebody has to hear of what was not passed on.
func (b *batch[T]) flush(p place) error {
	switch {
	case len(b.items) == 0 || b.no:
	case p.over() || p.ctxDone():
		return p.cause()
	default:
		b.pass()
	}
	return nil
}

// batchFused needs no clock, and so no goroutine.
func batchFused[T any](p place, n *node, s Stream[T], size int, yield func([]T) bool) (result error) {
	at := p.enter(n)
	b := &batch[T]{size: size, yield: counted(at.meters.out, yield)}
	returned := false
	defer func() {
		if !returned && !b.passing { // what is before has panicked, or ends the goroutine
			if value := recover(); value != nil {
				result = p.run.captured(capture.Error(value))
			}
			exiting := p.current
			b.flush(p)
			p.current = exiting
		}
	}()
	result = s.run(p, counted(at.meters.in, b.add))
	returned = true
	notPassedOn := b.flush(p)
	return cmp.Or(result, notPassedOn)
}

// batchTimed has what is before it run on a goroutine of its own, so that it can look
// at the clock meanwhile: when an item has waited for too long or, in a session, none
// has come for too long.
func batchTimed[T any](p place, n *node, s Stream[T], size int, wait time.Duration, session bool, yield func([]T) bool) error {
	at := p.enter(n)
	t := &timed[T]{wait: wait, session: session, begin: time.Now().Add(-1)}
	q, leave := upstreamQueue(p, Stream[arrival[T]]{node: s.node, run: func(p place, yield func(arrival[T]) bool) error {
		return s.run(p, func(item T) bool { return yield(t.arrival(item)) })
	}}, inBetween, inBetween)
	defer leave()
	p.waitsAt(n, q.waiting)
	t.queue = q
	t.batch = batch[T]{size: size, yield: t.passOn(counted(at.meters.out, yield))}
	add := counted(at.meters.in, t.add)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for !t.no {
		if p.over() {
			return p.cause()
		}
		state := q.poll()
		if state == notYet && len(t.items) == 0 {
			state = q.ready(nil)
		} else if state == notYet {
			if left := t.since + wait - t.now(); left > 0 {
				timer.Reset(left)
				state = q.ready(timer.C)
			}
		}
		switch state {
		case there:
			add(q.pop())
		case notYet: // too late for this slice
			if err := t.flush(p); err != nil {
				return err
			}
		default:
			notPassedOn := t.flush(p)
			return cmp.Or(q.end(), notPassedOn)
		}
	}
	return nil
}

// timed is a slice that fills in time. What counts is when an item has come, and not
// when it was taken, because the slice before was being passed on.
type timed[T any] struct {
	batch[T]
	queue   *queue[arrival[T]]
	wait    time.Duration
	session bool

	begin  time.Time     // a moment before the run, from which all times are counted, so that none is 0
	since  time.Duration // when the first item of the slice has come or, in a session, the last
	away   atomic.Bool   // a slice is being passed on,
	passed time.Duration // since then,
	behind int64         // with so many items that had come before
}

// arrival is an item and when it has come; or 0, if it was waited for, so that whoever
// takes it sees that for himself.
type arrival[T any] struct {
	item T
	came time.Duration
}

func (t *timed[T]) now() time.Duration { return time.Since(t.begin) }

// arrival is for upstream. To read the clock takes longer than all the rest.
func (t *timed[T]) arrival(item T) arrival[T] {
	if t.session || t.away.Load() {
		return arrival[T]{item, t.now()}
	}
	return arrival[T]{item: item}
}

func (t *timed[T]) passOn(yield func([]T) bool) func([]T) bool {
	return func(items []T) bool {
		t.passed, t.behind = t.now(), t.queue.tail.Load()
		t.away.Store(true)
		more := yield(items)
		t.away.Store(false)
		return more
	}
}

// add adds an item, after it has passed on a slice for which it comes too late.
func (t *timed[T]) add(next arrival[T]) bool {
	switch {
	case t.session:
		if len(t.items) > 0 && next.came-t.since >= t.wait && !t.pass() {
			return false
		}
		t.since = next.came
	case len(t.items)%inBetween == 0: // as many as can have waited: what is not in the queue may still be coming
		if len(t.items) > 0 && t.now()-t.since >= t.wait && !t.pass() {
			return false
		}
		if len(t.items) == 0 {
			t.since = t.arrived(next)
		}
	}
	return t.batch.add(next.item)
}

// arrived is when an item that was just taken has come.
func (t *timed[T]) arrived(next arrival[T]) time.Duration {
	switch {
	case next.came > 0:
		return next.came
	case t.queue.popped <= t.behind:
		return t.passed
	default:
		return t.now()
	}
}
