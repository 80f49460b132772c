package fifo

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQueueKeepsOrderAndStaysSmall(t *testing.T) {
	var q Queue[int]
	next := 0
	for n := range 1000 {
		q.Push(n)
		if n%10 != 0 { // it grows to 100
			require.Equal(t, next, q.Pop())
			next++
		}
	}
	require.Equal(t, 100, q.Len())
	require.LessOrEqual(t, cap(q.items), 512)
	for q.Len() > 0 {
		require.Equal(t, next, q.Pop())
		next++
	}
	require.Equal(t, 1000, next)
}

func TestQueueKeepsNothingAlive(t *testing.T) {
	var q Queue[*int]
	for range 100 {
		q.Push(new(int))
		q.Push(new(int))
		q.Pop()
	}
	q.Pop()
	for i, p := range q.items[:cap(q.items)] {
		require.Equal(t, i >= q.first && i < len(q.items), p != nil)
	}
}
