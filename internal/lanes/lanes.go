// Package lanes keeps the items of each key in order and apart, for whoever does them
// on several goroutines.
package lanes

import "github.com/braidgo/braid/internal/fifo"

// Set is the items that wait, by key. Each key of which an item waits or runs has a
// lane, the queue of its waiting items. A lane is ready when its first item may
// begin, that is, when none of its items runs.
//
//	lane a:  a4 a6 ...    a2 runs
//	lane b:  b5 b7        is ready
//	lane c:               c3 runs
//
// Take takes the first item of the lane that has been ready for longest. After Done
// with it the lane goes to the end of those that are ready, so that no key is
// preferred, or away if nothing waits in it. A Set is for one goroutine at a time:
// those who share one lock it.
type Set[K comparable, E any] struct {
	byKey   map[K]*Lane[K, E]
	ready   fifo.Queue[*Lane[K, E]]
	waiting int
	spare   []*Lane[K, E] // to be used again
	room    int           // for elements, in the spare ones
}

// A lane that nothing waits in is kept to be used again if it is short, or if all that
// are kept have room for no more elements than this.
const short, keep = 16, 4096

// Lane is the waiting items of a key.
type Lane[K comparable, E any] struct {
	key   K
	items fifo.Queue[E]
}

// New makes a Set with nothing in it.
func New[K comparable, E any]() *Set[K, E] {
	return &Set[K, E]{byKey: make(map[K]*Lane[K, E])}
}

// Waiting is how many items wait, in all lanes.
func (s *Set[K, E]) Waiting() int { return s.waiting }

// Ready is how many lanes are ready.
func (s *Set[K, E]) Ready() int { return s.ready.Len() }

// Add lets an item wait in the lane of its key, and tells whether that has made a lane
// ready, so that one more item can begin. A key must equal itself.
func (s *Set[K, E]) Add(key K, item E) (ready bool) {
	lane := s.byKey[key]
	if ready = lane == nil; ready {
		lane = s.open(key)
		s.ready.Push(lane)
	}
	lane.items.Push(item)
	s.waiting++
	return ready
}

// Take takes the item that is to begin now. There must be a lane that is ready.
func (s *Set[K, E]) Take() (*Lane[K, E], E) {
	s.waiting--
	lane := s.ready.Pop()
	return lane, lane.items.Pop()
}

// Done says that an item of the lane has ended.
func (s *Set[K, E]) Done(lane *Lane[K, E]) {
	if lane.items.Len() > 0 {
		s.ready.Push(lane)
		return
	}
	delete(s.byKey, lane.key)
	var none K
	lane.key = none
	if room := lane.items.Cap(); room <= short || s.room+room <= keep {
		s.room += room
		s.spare = append(s.spare, lane)
	}
}

func (s *Set[K, E]) open(key K) *Lane[K, E] {
	var lane *Lane[K, E]
	if last := len(s.spare) - 1; last >= 0 {
		lane, s.spare = s.spare[last], s.spare[:last]
		s.room -= lane.items.Cap()
	} else {
		lane = new(Lane[K, E])
	}
	lane.key = key
	s.byKey[key] = lane
	return lane
}
