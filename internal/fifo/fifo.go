// Package fifo has a queue for one goroutine at a time.
package fifo

// Queue is a queue in a slice that is used again: it allocates only to grow, never
// shrinks, and has room for about four times the most that ever waited in it.
type Queue[E any] struct {
	items []E // the queue begins at first
	first int
}

// Len is how many elements wait.
func (q *Queue[E]) Len() int { return len(q.items) - q.first }

// At is the element that i others precede.
func (q *Queue[E]) At(i int) E { return q.items[q.first+i] }

// Cap is for how many elements there is room without another allocation, at most.
func (q *Queue[E]) Cap() int { return cap(q.items) }

// Push adds an element at the end.
func (q *Queue[E]) Push(e E) {
	if len(q.items) == cap(q.items) && q.first > len(q.items)/2 { // rather move than grow
		n := copy(q.items, q.items[q.first:])
		clear(q.items[n:])
		q.items, q.first = q.items[:n], 0
	}
	q.items = append(q.items, e)
}

// Pop takes the first element. There must be one.
func (q *Queue[E]) Pop() E {
	var none E
	e := q.items[q.first]
	q.items[q.first] = none
	if q.first++; q.first == len(q.items) {
		q.items, q.first = q.items[:0], 0
	}
	return e
}
