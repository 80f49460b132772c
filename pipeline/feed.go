package pipeline

import (
	"reflect"
	"sync/atomic"
)

// supply is where the workers of a stage get their items.
type supply[A any] interface {
	push(A) bool      // for upstream: false, if nobody wants the item
	state() readiness // whether there is an item to start
	waiting() int64   // how many
	claim() (at int64, item A, state readiness)
	done(at int64) // with an item that was claimed
}

// feed hands items out in the order in which they come:
//
//	     head           next           tail
//	      ▼               ▼              ▼
//	[ ][ ][ ][ ][ ][ ][ ][a][a][a][a][a][ ][ ]
//	      └────────────┘ claimed: they run, or their results wait; nothing looks at the slots
//
// Why claim singly, and not ten at a time? The second of the ten would wait for the
// first while another worker has nothing to do; and if the first waits for the second
// to start, for ever.
type feed[A any] struct {
	*window
	slots   []feedSlot[A] // a power of two, so that a mask finds the place of a number
	mask    int64
	passing bool // items may go out before those that came before them

	// pointers is whether an item may keep others alive, so that its slot must be emptied.
	// If not, workers only read the slots: then the cache line of some neighbours goes to
	// another processor once, and not with every claim.
	pointers bool

	_    cacheLinePad
	next atomic.Int64 // to be claimed
	seen atomic.Int64 // tail, or what it was: so that workers ask for it less often than it moves
	_    cacheLinePad
}

// feedSlot is full from when upstream fills it until the worker that has claimed the
// item has taken it out. Only where items pass each other must anybody ask.
type feedSlot[A any] struct {
	item A
	full atomic.Bool
}

func newFeed[A any](w *window, o options) supply[A] {
	f := &feed[A]{window: w, slots: make([]feedSlot[A], nextPowerOfTwo(int(w.capacity.most))), passing: o.unordered, pointers: hasPointers(reflect.TypeFor[A]())}
	f.mask = int64(len(f.slots) - 1)
	return f
}

func (f *feed[A]) push(item A) bool {
	at, ok := f.enter()
	if !ok {
		return false
	}
	slot := &f.slots[at&f.mask]
	if f.passing {
		if slot.full.Load() {
			f.room.wait(nil, func() bool { return !slot.full.Load() }) // until claim has got round to it
		}
		slot.full.Store(true)
	}
	slot.item = item
	f.tail.Store(at + 1)
	return true
}

func (f *feed[A]) state() readiness {
	_, state := f.look()
	return state
}

func (f *feed[A]) look() (next int64, state readiness) {
	next = f.next.Load()
	switch {
	case f.abandoned.Load() != nil || next > f.failed.Load():
		return next, never
	case next < f.seen.Load():
		return next, there
	}
	closed := f.closed.Load() // before tail: what came in before the end is there, too
	tail := f.tail.Load()
	f.seen.Store(tail)
	switch {
	case next < tail:
		return next, there
	case closed:
		return next, never
	default:
		return next, notYet
	}
}

func (f *feed[A]) claim() (at int64, item A, state readiness) {
	for {
		if at, state = f.look(); state != there {
			return at, item, state
		}
		if !f.next.CompareAndSwap(at, at+1) {
			continue
		}
		slot := &f.slots[at&f.mask]
		if item = slot.item; f.pointers {
			var none A
			slot.item = none
		}
		if f.passing {
			if slot.full.Store(false); f.room.waiting.Load() != 0 {
				f.room.notify()
			}
		}
		return at, item, there
	}
}

func (f *feed[A]) done(int64) {}

func (f *feed[A]) waiting() int64 {
	next := f.next.Load() // first, for meanwhile it may pass tail
	return f.tail.Load() - next
}

// hasPointers reports whether a value of type t may keep others alive.
func hasPointers(t reflect.Type) bool {
	switch kind := t.Kind(); kind {
	case reflect.Array:
		return t.Len() > 0 && hasPointers(t.Elem())
	case reflect.Struct:
		for field := range t.Fields() {
			if hasPointers(field.Type) {
				return true
			}
		}
		return false
	default:
		return kind > reflect.Complex128 // up to there are the numbers
	}
}
