package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTwin(t *testing.T) {
	l := &lab{asked: []string{"go"}}
	a, err := l.Twin(t.Context(), "go", "say", "hello", "again")
	require.NoError(t, err)
	require.Equal(t, "hello", a.Text("said"))
	require.EqualValues(t, 2, a.Number("of"))
	require.Equal(t, []float64{1, 2}, a.Numbers("each"))

	_, err = l.Twin(t.Context(), "go", "say")
	require.EqualError(t, err, "claims.test say: exit status 1: claims lab: nothing to say")
	_, err = l.Twin(t.Context(), "rust", "say")
	require.EqualError(t, err, "left out by -lang")
}
