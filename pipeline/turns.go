package pipeline

import "sync/atomic"

// turns is a reorder buffer: where results wait for their turn. Result number at goes to slot at, whoever
// finishes it and whenever; downstream takes them from the slots one after the other.
//
//	     head                   tail
//	      ▼                      ▼
//	[ ][ ][B][ ][B][B][ ][ ][ ][ ]      [B]: finished
//	          └─ until this one is, those behind it wait
//
// Without order the number of a result is not that of its item, but the next one when
// it is finished. So then none waits for another.
type turns[B any] struct {
	*window
	slots     []turn[B] // a power of two
	mask      int64
	unordered bool
	held      bool // a result stays in the window until yield has returned

	_        cacheLinePad
	finished atomic.Int64 // without order: how many are
}

// turn is a slot. ready is the number of the result plus one; or minus that, if there
// is none, because the item was skipped or has failed.
type turn[B any] struct {
	ready atomic.Int64
	value B
}

func newTurns[B any](w *window, o options) *turns[B] {
	t := &turns[B]{window: w, slots: make([]turn[B], nextPowerOfTwo(int(w.capacity.most))), unordered: o.unordered}
	t.mask = int64(len(t.slots) - 1)
	return t
}

// put is for a worker: the result of an item, if there is one.
func (t *turns[B]) put(at int64, value B, some bool) (woke bool) {
	if t.unordered {
		at = t.finished.Add(1) - 1
	}
	turn, ready := &t.slots[at&t.mask], -at-1
	if some {
		turn.value, ready = value, at+1
	}
	turn.ready.Store(ready)
	return t.results.waiting.Load() != 0 && t.head.Load() == at && t.results.notify()
}

// drain takes the results in turn and hands them to yield, until that says no. It
// returns nil at their end, or what has ended them before.
func (t *turns[B]) drain(yield func(B) bool) error {
	var none B
	for head := int64(0); ; {
		turn := &t.slots[head&t.mask]
		ready := turn.ready.Load()
		if ready != head+1 && ready != -head-1 {
			if !t.await(turn, head) {
				return t.end()
			}
			continue
		}
		if t.abandoned.Load() != nil {
			return t.end()
		}
		if t.down.over() {
			return t.down.cause()
		}
		if ready < 0 && t.failed.Load() == head {
			return t.err
		}
		value := turn.value
		turn.value = none
		head++
		if !t.held {
			t.release(1)
		}
		if ready > 0 && !yield(value) {
			return nil
		}
		if t.held {
			t.release(1)
		}
	}
}

// await waits for a result. It returns false if there will be none.
func (t *turns[B]) await(turn *turn[B], head int64) bool {
	over := false
	t.results.wait(t.down.clock.whenStarved(), func() bool {
		closed := t.closed.Load() // before tail
		over = closed && t.tail.Load() == head || t.abandoned.Load() != nil
		ready := turn.ready.Load()
		return over || ready == head+1 || ready == -head-1
	})
	return !over
}
