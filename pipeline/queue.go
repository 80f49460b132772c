package pipeline

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"time"
)

// queue joins two segments: the items that wait between them, in order, in a ring of
// as many slots as may wait. One goroutine pushes and one pops, so that neither needs
// a lock, and a counter each is all that they share:
//
//	     head             tail
//	      ▼                ▼
//	[ ][ ][3][4][5][6][7][ ][ ]      popped: up to head; pushed: up to tail
//
// Nothing is held back to be moved with others: when push returns, pop can have the
// item. The other goroutine is woken only if it waits.
type queue[T any] struct {
	slots    []T // a power of two, so that a mask finds the place of a number
	mask     int64
	capacity capacity
	handover bool // push waits until the item was popped
	popper   *segment

	_         cacheLinePad
	tail      atomic.Int64
	gone      int64       // head, or what it was, for the pusher: so that it asks for it less often than it moves
	closed    atomic.Bool // nothing more will be pushed
	result    error       // what has ended the items before their end
	_         cacheLinePad
	head      atomic.Int64
	popped    int64                 // head, for the popper alone
	seen      int64                 // tail when the popper last looked
	abandoned atomic.Pointer[error] // nothing more will be popped, and why
	_         cacheLinePad
	room      gate // where the pusher waits
	items     gate // where the popper waits

	pushing sync.Mutex // where several push
}

// cacheLinePad keeps what different goroutines write on cache lines of their own.
type cacheLinePad [128]byte

// newQueue makes a queue for a number of items between least and most, and for so many
// goroutines that push; if there are several, the number is fixed. If no item may wait,
// the one in the slot is in the hands of whoever pushes it, until it is popped.
func newQueue[T any](least, most, pushers int, popper *segment) *queue[T] {
	q := &queue[T]{popper: popper, handover: most == 0}
	q.capacity.init(max(1, least), max(1, most))
	q.slots = make([]T, nextPowerOfTwo(int(q.capacity.most)))
	q.mask = int64(len(q.slots) - 1)
	q.room.open(pushers)
	q.items.open(1)
	return q
}

// nextPowerOfTwo returns the first power of two that is not less than n.
func nextPowerOfTwo(n int) int { return 1 << bits.Len(uint(n-1)) }

// reset makes an empty queue of one that nobody uses any more.
func (q *queue[T]) reset() {
	q.tail.Store(0)
	q.head.Store(0)
	q.popped, q.seen, q.gone = 0, 0, 0
	q.closed.Store(false)
	q.abandoned.Store(nil)
	q.result = nil
}

// push waits for room. It returns false if nobody wants the item. If it has to wait, the
// time goes to blocked.
func (q *queue[T]) push(item T, blocked *clock) bool {
	tail := q.tail.Load()
	if q.capacity.full(tail - q.gone) {
		if q.gone = q.head.Load(); q.capacity.full(tail - q.gone) {
			q.awaitRoom(blocked)
		}
	}
	if q.abandoned.Load() != nil {
		return false
	}
	q.put(tail, item)
	if q.handover {
		q.awaitRoom(blocked)
	}
	return true
}

// pushShared is push where several goroutines do it. None waits for room with the
// lock in its hands.
func (q *queue[T]) pushShared(item T, blocked *clock) bool {
	for q.abandoned.Load() == nil {
		q.pushing.Lock()
		tail := q.tail.Load()
		room := !q.capacity.full(tail - q.head.Load())
		if q.closed.Load() {
			q.pushing.Unlock()
			return false
		}
		if room {
			q.put(tail, item)
		}
		q.pushing.Unlock()
		if room {
			return true
		}
		q.awaitRoom(blocked)
	}
	return false
}

func (q *queue[T]) put(tail int64, item T) {
	q.slots[tail&q.mask] = item
	q.tail.Store(tail + 1)
	if q.items.waiting.Load() != 0 {
		q.items.notify()
	}
}

func (q *queue[T]) awaitRoom(blocked *clock) {
	q.capacity.await(&q.room, blocked.whenBlocked(), func() bool { return !q.capacity.full(q.waiting()) || q.abandoned.Load() != nil || q.closed.Load() })
}

// close says that no more items come, and why.
func (q *queue[T]) close(result error) {
	q.result = result
	q.closed.Store(true)
	q.items.notify()
}

// closeShared is close where several push, and may push after one of them has closed
// it, but in vain. The first close counts.
func (q *queue[T]) closeShared(result error) {
	q.pushing.Lock()
	if !q.closed.Load() {
		q.close(result)
	}
	q.pushing.Unlock()
	q.room.notifyAll()
}

// stop frees whoever waits.
func (q *queue[T]) stop(cause error) {
	if q.abandoned.CompareAndSwap(nil, &cause) {
		q.room.notifyAll()
		q.items.notify()
	}
}

// waiting is how many items wait.
func (q *queue[T]) waiting() int64 {
	head := q.head.Load() // first, for meanwhile it may pass tail
	return q.tail.Load() - head
}

// drain pops all items and hands them to yield, until that says no. It returns nil
// at their end, or what has ended them before.
func (q *queue[T]) drain(yield func(T) bool) error {
	for q.ready(nil) == there {
		if q.popper.over() {
			return q.popper.cause()
		}
		if !yield(q.pop()) {
			return nil
		}
	}
	return q.end()
}

// readiness is whether there is an item to take.
type readiness int

const (
	there  readiness = iota
	notYet           // but there may be
	never            // any more
)

// poll does not wait.
func (q *queue[T]) poll() readiness {
	switch {
	case q.abandoned.Load() != nil:
		return never
	case q.popped < q.seen:
		return there
	}
	closed := q.closed.Load() // before tail: what was pushed before the close is there, too
	q.seen = q.tail.Load()
	switch {
	case q.popped < q.seen:
		return there
	case closed:
		return never
	}
	return notYet
}

// ready waits for an item, until the timer, if there is one, is first.
func (q *queue[T]) ready(timer <-chan time.Time) readiness {
	state := q.poll()
	if state == notYet {
		q.items.waitUntil(timer, q.popper.clock.whenStarved(), func() bool {
			state = q.poll()
			return state != notYet
		})
	}
	return state
}

// pop takes the item that ready has found.
func (q *queue[T]) pop() T {
	var none T
	slot := &q.slots[q.popped&q.mask]
	item := *slot
	*slot = none
	q.popped++
	q.head.Store(q.popped)
	if q.room.waiting.Load() != 0 {
		q.room.notify()
	}
	return item
}

// end is what has ended the items, after ready has found that there will be no more.
func (q *queue[T]) end() error {
	if cause := q.abandoned.Load(); cause != nil {
		return *cause
	}
	return q.result
}
