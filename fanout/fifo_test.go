package fanout

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFifoIsAQueueAndStaysSmall(t *testing.T) {
	var q fifo[int]
	next := 0
	for n := range 1000 {
		q.push(n)
		if n%10 != 0 { // it grows to 100
			require.Equal(t, next, q.pop())
			next++
		}
	}
	require.Equal(t, 100, q.len())
	require.LessOrEqual(t, cap(q.items), 512)
	for q.len() > 0 {
		require.Equal(t, next, q.pop())
		next++
	}
	require.Equal(t, 1000, next)
}

func TestFifoKeepsNothingAlive(t *testing.T) {
	var q fifo[*int]
	for range 100 {
		q.push(new(int))
		q.push(new(int))
		q.pop()
	}
	q.pop()
	for i, p := range q.items[:cap(q.items)] {
		require.Equal(t, i >= q.first && i < len(q.items), p != nil)
	}
}
