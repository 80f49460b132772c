package main

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// labWith has a control that takes so many milliseconds, one after the other; the last stays.
func labWith(control ...int) *lab {
	return &lab{asked: []string{"go"}, missing: map[string]string{}, log: io.Discard, control: func() time.Duration {
		now := control[0]
		if len(control) > 1 {
			control = control[1:]
		}
		return time.Duration(now) * time.Millisecond
	}}
}

// counting returns 1, 2, 3, …
func counting() func() (float64, error) {
	n := 0.0
	return func() (float64, error) { n++; return n, nil }
}

func TestInterleave(t *testing.T) {
	failing := errors.New("no more")
	for name, c := range map[string]struct {
		control   []int
		want      []float64
		moved     float64
		disturbed bool
	}{
		"a quiet machine":   {[]int{100}, []float64{1, 2, 3}, 0, false},
		"just quiet enough": {[]int{100, 104, 100}, []float64{1, 2, 3}, 0.04, false},
		"just too far":      {[]int{100, 106, 100}, []float64{3, 4, 5}, 0, false},
		"a disturbance in the second round": {[]int{100, 100, 130, 100, 100, 100}, []float64{1, 4, 5}, 0,
			false},
		"slower from the second round on": {[]int{100, 100, 130}, []float64{3, 4, 5}, 0, false},
		"never the same: the best rounds, and so": {[]int{100, 120, 140, 160, 180, 200, 220}, []float64{4, 5, 6},
			220.0/160 - 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			var order []string
			noted := func(name string, f func() (float64, error)) func() (float64, error) {
				return func() (float64, error) { order = append(order, name); return f() }
			}
			broken := 0
			all := labWith(c.control...).Interleave(t.Context(), 3, []func() (float64, error){
				noted("a", counting()),
				noted("b", func() (float64, error) {
					if broken++; broken == 2 {
						return 0, failing
					}
					return 1, nil
				}),
				noted("c", func() (float64, error) { panic("c is broken") }),
				noted("d", counting()),
			})
			require.Equal(t, []string{"a", "b", "c", "d", "a", "b", "d", "a", "d"}, order[:9],
				"what failed is not run again")
			for _, i := range []int{0, 3} {
				require.NoError(t, all[i].Err)
				require.Equal(t, c.want, all[i].Values)
				require.InDelta(t, c.moved, all[i].Moved, 1e-9)
				require.Equal(t, c.disturbed, all[i].Disturbed)
				f := all[i].Figure("name", "Go", "ns")
				require.Equal(t, !c.disturbed, f.ok())
				require.Equal(t, c.want[1], f.Value)
			}
			require.ErrorIs(t, all[1].Err, failing)
			require.EqualError(t, all[2].Err, "panic: c is broken")
			require.Equal(t, missing("name", "Go", "no more"), all[1].Figure("name", "Go", "ns"))
		})
	}
}

func TestMedian(t *testing.T) {
	require.Equal(t, figure{Value: 2, Low: 1, High: 9, Rounds: 3}, median([]float64{9, 1, 2}))
	require.Equal(t, figure{Value: 2.5, Low: 1, High: 9, Rounds: 4}, median([]float64{9, 1, 2, 3}))
	require.Equal(t, "was not measured", median(nil).Missing)
}

func TestControlIsAboutTheSame(t *testing.T) {
	require.Positive(t, hashed())
}
