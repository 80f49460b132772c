package main

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

var fixed = []attempt{
	{label: "one goroutine", answers: []string{"42 files"}, figures: figures{412 * time.Millisecond, 1, 4_100_000, 0}},
	{label: "one per directory", figures: figures{1_213 * time.Millisecond, 7_712, 3_685_900_000, 0}},
	{label: "workerpool", figures: figures{4_560 * time.Microsecond, 3, 0, 0}},
}

func TestTable(t *testing.T) {
	for width, want := range map[int]string{
		80: `
                  wall time            peak goroutines      peak memory
one goroutine     ███▍         412 ms  ▏                 1  ▏            4.1 MB
one per directory ██████████ 1,213 ms  ██████████    7,712  ██████████ 3,685 MB
workerpool        ▏            4.6 ms  ▏                 3               0.0 MB
`,
		40: `
                  wall time        peak goroutines  peak memory
one goroutine     ██       412 ms  ▏             1  ▏        4.1 MB
one per directory ██████ 1,213 ms  ██████    7,712  ██████ 3,685 MB
workerpool        ▏        4.6 ms  ▏             3           0.0 MB
`,
	} {
		var out strings.Builder
		renderTable(&out, fixed, width)
		require.Equal(t, want, "\n"+out.String())
	}
}

func TestTableFillsTheWidth(t *testing.T) {
	for width := 80; width <= 160; width++ {
		var out strings.Builder
		renderTable(&out, fixed, width)
		for line := range strings.Lines(out.String()) {
			columns := utf8.RuneCountInString(strings.TrimSuffix(line, "\n"))
			require.LessOrEqual(t, columns, width)
			if strings.HasPrefix(line, "one") {
				require.Greater(t, columns, min(width, 120)-5)
			}
		}
	}
}

func TestBar(t *testing.T) {
	for want, value := range map[string]int{
		"    ": 0, "▏   ": 1, "█   ": 100, "█▌  ": 150, "███▉": 399, "████": 400,
	} {
		require.Equal(t, want, bar(value, 400, 4), "%d of 400", value)
	}
	require.Equal(t, "    ", bar(0, 0, 4))
}

func TestResult(t *testing.T) {
	l := lesson{name: "workerpool", read: []string{"workerpool/pool.go"}}
	var out strings.Builder
	renderResult(&out, l, fixed, nil)
	require.Equal(t, `
All three:             42 files
Goroutines left over:  0
Where to read:         examples/tour/workerpool.go
                       workerpool/pool.go
`, out.String())

	out.Reset()
	leaking := append(fixed[:2:2], attempt{figures: figures{leftOver: 2}})
	renderResult(&out, l, leaking, errors.New("workerpool: goroutines left over: 2"))
	require.Equal(t, `
Goroutines left over:  2
Where to read:         examples/tour/workerpool.go
                       workerpool/pool.go
FAILED
workerpool: goroutines left over: 2
`, out.String())
}

func TestThousands(t *testing.T) {
	for want, n := range map[string]int{"0": 0, "999": 999, "1,000": 1_000, "12,345": 12_345, "1,234,567": 1_234_567} {
		require.Equal(t, want, thousands(n))
	}
}
