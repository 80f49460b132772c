package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/panjf2000/ants/v2"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		os.Exit(runChild(works(), name, os.Stdout, os.Stderr))
	}
	// Importing ants starts a pool with two goroutines of its own.
	must(ants.ReleaseTimeout(time.Minute))
	// A store of go-limiter has a goroutine of its own, and is used for all rounds.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/sethvargo/go-limiter/memorystore.(*store).purge"))
}

// Every contender does every work, checked, and TestMain sees that none leaves a goroutine behind.
func TestQuickRunPrintsEveryContenderAndBound(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Zero(t, run([]string{"-quick"}, works(), &stdout, &stderr), stderr.String())
	sections := strings.Split(stdout.String(), "\n### ")[1:]
	for i, w := range works() {
		require.True(t, strings.HasPrefix(sections[i], w.name+": "), sections[i])
		for _, c := range w.contenders {
			require.Contains(t, sections[i], "\n| "+c.name+" | ")
		}
		for _, b := range w.bounds {
			require.Contains(t, sections[len(sections)-1], "\n| "+w.title+" | "+b.text+" | ")
		}
	}
}

// planted is a work at which late takes twice the time of braid and loses so many tasks.
func planted(losses int) []work {
	late := func(c contender) bool { return c.name == "late" }
	figures := map[string]float64{braid: 10, "late": 20}
	return []work{{
		name: "planted", n: 10, quick: 10, want: oneEach,
		measure: func(w work, c contender, n int) (sample, error) { return sample{value: figures[c.name]}, w.check(c, n) },
		bounds:  []bound{fasterThan("it must", 1.9, late), fasterThan("it can", 2.1, late)},
		contenders: []contender{
			{name: braid, run: oneEach},
			{name: "late", run: func(n int) int { return n - losses }},
		},
	}}
}

func TestExitStatus(t *testing.T) {
	for _, test := range []struct {
		name, arguments string
		losses, status  int
		says            string
	}{
		{"a bound kept", "-rounds=3", 0, 0, "× faster than it must | 2.00 | yes |"},
		{"a bound missed", "-rounds=3", 0, 0, "× faster than it can | 2.00 | **no** |"},
		{"a bound missed that is required", "-require", 0, 1, "× faster than it can | 2.00 | **no** |"},
		{"a contender that loses a task", "", 1, 1, "planted: late: 10 tasks came to 9, not to 10"},
		{"no such work", "-only=nothing", 0, 2, "nothing to do"},
		{"no rounds", "-rounds=0", 0, 2, "nothing to do"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			require.Equal(t, test.status, run(strings.Fields(test.arguments), planted(test.losses), &out, &out), out.String())
			require.Contains(t, out.String(), test.says)
		})
	}
}

func TestChildReportsItsFailure(t *testing.T) {
	for name, says := range map[string]string{
		"planted/late/10":   "10 tasks came to 9, not to 10",
		"planted/nobody/10": "names no contender",
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, 1, runChild(planted(1), name, &stdout, &stderr))
		require.Contains(t, stderr.String(), says)
		require.Empty(t, stdout.String())
	}
}

func TestRatioIsTheMedianOfTheRoundsRatios(t *testing.T) {
	r := result{series: map[string]series{ // a machine that slows down, for both alike
		"a": {values: []float64{10, 40, 90}},
		"b": {values: []float64{5, 10, 30}},
	}}
	require.Equal(t, 3.0, r.ratio("a", "b")) // the median of 2, 4 and 3, where the medians' ratio is 4
	require.Equal(t, 2.5, median([]float64{4, 1, 2, 3}))
}

func TestBoundIsJudgedByTheFigureThatIsPrinted(t *testing.T) {
	for figure, met := range map[float64]bool{0.004: true, 0.006: false} {
		_, answer := atMost(0, "", func(result) float64 { return figure }).judge(result{})
		require.Equal(t, met, answer, figure)
		_, answer = atLeast(0.01, "", func(result) float64 { return figure }).judge(result{})
		require.Equal(t, !met, answer, figure)
	}
}

func BenchmarkPeers(b *testing.B) {
	for _, w := range works() {
		if w.measure != nil {
			continue // its figure is not a time
		}
		for _, c := range w.contenders {
			b.Run(w.name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				require.NoError(b, w.check(c, b.N))
			})
		}
	}
}
