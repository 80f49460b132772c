package workerpool

import "sync/atomic"

// queue is a bounded first-in, first-out queue that any number of goroutines
// use without a lock. It is a ring of cells, and each cell says whose turn it
// is, so that a writer and a reader meet at a cell and nowhere else:
//
//	position    4      5      6      7      8        a ring of 4 cells
//	          ┌──────┬──────┬──────┬──────┐
//	          │ full │ full │ free │ free │ ...      position p lives in cell p mod 4
//	          └──────┴──────┴──────┴──────┘
//	            head          tail                   readers claim head, writers claim tail
//
//	turn = 2p      the cell is free for the writer of position p
//	turn = 2p+1    the cell is full for the reader of position p
//
// A writer claims position p by moving tail from p to p+1, fills the cell, and
// passes the turn on by setting it to 2p+1. A reader claims p by moving head,
// empties the cell, and sets the turn to 2(p+n): the writer's, one lap later.
// The design is Dmitry Vyukov's bounded queue; the doubling makes it right for
// a ring of one cell, too, where p+1 would mean both "full" and "free again".
//
// The top bit of tail bars the queue: no push succeeds while it is set. Since
// a push is one compare-and-swap of tail, it happens either wholly before the
// bar or not at all. This is what lets a pool close without losing a task to a
// submitter that looked just before.
type queue struct {
	_     cacheLine
	tail  atomic.Uint64 // the next position to write, and the bar
	_     cacheLine     // writers and readers work on lines of their own
	head  atomic.Uint64 // the next position to read
	_     cacheLine
	cells []cell // a power of two of them, because a mask is cheaper than a division
	limit int    // how many of them may be full
}

type cell struct {
	turn atomic.Uint64
	task task
}

// cacheLine keeps apart what different cores write. Two lines of 64 bytes,
// because processors fetch them in pairs.
type cacheLine [128]byte

const barred = 1 << 63

func newQueue(limit int) *queue {
	size := 1
	for size < limit {
		size *= 2
	}
	q := &queue{cells: make([]cell, size), limit: limit}
	for i := range q.cells {
		q.cells[i].turn.Store(2 * uint64(i))
	}
	return q
}

// push adds t unless the queue is full or barred. The holder of the pool's lock,
// who has set the bar, can push all the same.
func (q *queue) push(t task, evenIfBarred bool) bool {
	for {
		tail := q.tail.Load()
		if tail&barred != 0 && !evenIfBarred {
			return false
		}
		position := tail &^ barred
		c := q.cell(position)
		switch turn := c.turn.Load(); {
		case turn < 2*position || q.over(position):
			return false
		case turn == 2*position:
			if q.tail.CompareAndSwap(tail, tail+1) {
				c.task = t
				c.turn.Store(2*position + 1)
				return true
			}
		} // else another writer was faster: look again
	}
}

// pop takes the oldest task. It also says no while the oldest one's writer has
// claimed its cell and not yet filled it; that writer then finds the reader it
// has to wake, because it looks for one after filling.
func (q *queue) pop() (task, bool) {
	for {
		position := q.head.Load()
		c := q.cell(position)
		switch turn := c.turn.Load(); {
		case turn < 2*position+1:
			return nil, false
		case turn == 2*position+1:
			if q.head.CompareAndSwap(position, position+1) {
				t := c.task
				c.task = nil // a queue keeps nothing alive that it no longer holds
				c.turn.Store(2 * (position + uint64(len(q.cells))))
				return t, true
			}
		}
	}
}

// room reports whether a push would find a free cell, barred or not.
func (q *queue) room() bool {
	position := q.tail.Load() &^ barred
	return q.cell(position).turn.Load() == 2*position && !q.over(position)
}

// over reports whether a push at position would exceed the limit. That the ring
// is full, a writer sees by the cell's turn, without a look at the readers' line;
// only a limit that is no power of two makes it look.
func (q *queue) over(position uint64) bool {
	return q.limit < len(q.cells) && int64(position-q.head.Load()) >= int64(q.limit)
}

func (q *queue) pushed() uint64 { return q.tail.Load() &^ barred } // ever
func (q *queue) popped() uint64 { return q.head.Load() }           // ever
func (q *queue) empty() bool    { return q.popped() == q.pushed() }
func (q *queue) bar()           { q.tail.Or(barred) }
func (q *queue) unbar()         { q.tail.And(^uint64(barred)) }

func (q *queue) cell(position uint64) *cell {
	return &q.cells[position&uint64(len(q.cells)-1)]
}
