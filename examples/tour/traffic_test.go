package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		traffic := newTraffic()
		for i := range 6 {
			traffic.record(i%2 == 0)
			time.Sleep(1500 * time.Microsecond)
		}
		require.Equal(t, []int{1, 1, 0, 1, 1, 0, 1, 1}, traffic.requests)
		require.Equal(t, []int{2, 2, 2}, traffic.by(3))
		require.Equal(t, 3, traffic.refused)
	})
}

func TestTrafficIsDrawn(t *testing.T) {
	attempts := []attempt{
		{label: "one goroutine", traffic: &traffic{requests: make([]int, 50)}},
		{label: "one per file", traffic: &traffic{requests: []int{4_000, 4_000, 3_000, 1_000, 1}, refused: 11_001}},
		{label: "failed"},
	}
	attempts[0].traffic.requests[49] = 1
	for width, want := range map[int]string{
		80: `
requests in 2 ms                                                 in all  refused
one goroutine                             ▁                           1        0
one per file      █▄▁                                            12,001   11,001
`,
		40: `
requests in 5 ms                 in all  refused
one goroutine              ▁          1        0
one per file      █              12,001   11,001
`,
	} {
		var out strings.Builder
		renderTraffic(&out, attempts, width)
		require.Equal(t, want, out.String())
	}
	var out strings.Builder
	renderTraffic(&out, fixed, 80)
	require.Empty(t, out.String(), "lessons without traffic")
}
