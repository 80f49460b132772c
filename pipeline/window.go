package pipeline

import (
	"math"
	"sync"
	"sync/atomic"
)

// window is what a stage with workers has in its hands: the items that have come in
// at tail and whose results have not gone out at head. There are never more than
// capacity of them, whatever state they are in. It is also how the stage ends.
type window struct {
	capacity capacity

	_         cacheLinePad
	tail      atomic.Int64 // how many items have come in
	gone      int64        // head, or what it was, for upstream: so that it asks for it less often than it moves
	closed    atomic.Bool  // no more will
	result    error        // what has ended them before their end
	_         cacheLinePad
	head      atomic.Int64 // how many results have gone out, or were none
	_         cacheLinePad
	abandoned atomic.Pointer[error] // nobody wants the results, and why
	failed    atomic.Int64          // the first item that has failed; none behind it is started
	mu        sync.Mutex
	err       error // what it has failed with
	room      gate  // where upstream waits
	idle      gate  // where workers wait
	results   gate  // where downstream waits

	up, down *segment // what brings the items, and what takes the results
}

// newWindow makes the window of a stage: its workers have one item each, and as many
// others wait to be started, or for their turn to go out, as its buffer holds.
func newWindow(p place, o options) *window {
	w := &window{down: p.segment}
	least, most := o.ahead()
	w.capacity.init(o.workers+least, o.workers+most)
	w.failed.Store(math.MaxInt64)
	w.room.open(1)
	w.idle.open(o.workers)
	w.results.open(1)
	return w
}

// enter waits for room, and returns the number of the next item; and false, if nobody
// wants it.
func (w *window) enter() (at int64, ok bool) {
	at = w.tail.Load()
	if !w.capacity.full(at - w.gone) {
		return at, !w.unwanted()
	}
	if w.gone = w.head.Load(); w.capacity.full(at - w.gone) {
		w.capacity.await(&w.room, w.up.clock.whenBlocked(), func() bool { return !w.capacity.full(at-w.head.Load()) || w.unwanted() })
	}
	return at, !w.unwanted()
}

// unwanted reports whether no further item is to come.
func (w *window) unwanted() bool {
	return w.abandoned.Load() != nil || w.failed.Load() != math.MaxInt64
}

// release is for items of which nothing is left in the window.
func (w *window) release(items int64) {
	w.head.Add(items)
	if w.room.waiting.Load() != 0 {
		w.room.notify()
	}
}

// close says that no more items come in, and why.
func (w *window) close(result error) {
	w.result = result
	w.closed.Store(true)
	w.wake()
}

// stop frees whoever waits.
func (w *window) stop(cause error) {
	if w.abandoned.CompareAndSwap(nil, &cause) {
		w.wake()
	}
}

// fail notes that an item has failed. The first in the order of the items counts.
func (w *window) fail(at int64, err error) {
	w.mu.Lock()
	if at < w.failed.Load() {
		w.err = err
		w.failed.Store(at)
	}
	w.mu.Unlock()
	w.wake()
}

// wake has everybody look again.
func (w *window) wake() {
	w.room.notify()
	w.idle.notifyAll()
	w.results.notify()
}

// end is what has ended the results.
func (w *window) end() error {
	if cause := w.abandoned.Load(); cause != nil {
		return *cause
	}
	return w.result
}
