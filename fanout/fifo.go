package fanout

// fifo is a queue in a slice that is used again: it allocates only to grow, never
// shrinks, and has room for about four times the most that ever waited in it.
type fifo[E any] struct {
	items []E // the queue begins at first
	first int
}

func (q *fifo[E]) len() int { return len(q.items) - q.first }

func (q *fifo[E]) push(e E) {
	if len(q.items) == cap(q.items) && q.first > len(q.items)/2 { // rather move than grow
		n := copy(q.items, q.items[q.first:])
		clear(q.items[n:])
		q.items, q.first = q.items[:n], 0
	}
	q.items = append(q.items, e)
}

func (q *fifo[E]) pop() E {
	var none E
	e := q.items[q.first]
	q.items[q.first] = none
	if q.first++; q.first == len(q.items) {
		q.items, q.first = q.items[:0], 0
	}
	return e
}
