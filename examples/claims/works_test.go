package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/examples/claims/blackbox"
	"github.com/braidgo/braid/examples/claims/fanout"
)

// labOf has the languages of which there is a lab program on this machine, and says which there
// is not.
func labOf(t *testing.T, languages ...string) *lab {
	l := labWith(100)
	l.asked, l.tmp = languages, t.TempDir()
	for _, language := range languages {
		switch language {
		case "python":
			if why := lacks("python3"); why != "" {
				t.Skip(why)
			}
		case "rust":
			dir, err := blackbox.Dir()
			require.NoError(t, err)
			l.Dir = dir
			if _, err := os.Stat(l.rustProgram("lab")); err != nil {
				t.Skip("Rust's lab program was not built: go run ./examples/claims prepare")
			}
		}
	}
	return l
}

// inEach runs a test in each language.
func inEach(t *testing.T, test func(t *testing.T, l *lab, language string)) {
	for _, language := range []string{"go", "python", "rust"} {
		t.Run(language, func(t *testing.T) { test(t, labOf(t, language), language) })
	}
}

// kinds are the first arguments of a subcommand.
func kinds(language string, ofGo, ofPython, ofRust []string) []string {
	return map[string][]string{"go": ofGo, "python": ofPython, "rust": ofRust}[language]
}

func TestSpinIsTheSameWork(t *testing.T) {
	inEach(t, func(t *testing.T, l *lab, language string) {
		for _, kind := range kinds(language, []string{"map", "pipeline"}, []string{"threads", "processes"},
			[]string{"threads"}) {
			a, err := l.Twin(t.Context(), language, "spin", kind, "3", "20", "0")
			require.NoError(t, err)
			require.EqualValues(t, 146276727, a.Number("sum"), kind)
			require.GreaterOrEqual(t, a.Number("ended"), a.Number("began"))
			require.WithinDuration(t, time.Now(), time.UnixMicro(int64(a.Number("began")*1e6)), time.Minute)
		}
	})
}

func TestTasksAreAliveAtOnce(t *testing.T) {
	inEach(t, func(t *testing.T, l *lab, language string) {
		for _, kind := range kinds(language, []string{"goroutines"}, []string{"threads", "asyncio"}, []string{"threads",
			"tokio"}) {
			a, err := l.Twin(t.Context(), language, "tasks", kind, "200", strconv.Itoa(1<<30))
			require.NoError(t, err)
			require.EqualValues(t, 200, a.Number("count"), kind)
			require.Positive(t, a.Number("seconds"))
			require.Empty(t, a.Text("stopped"))
		}
	})
}

func TestTasksStopAtTheBudget(t *testing.T) {
	inEach(t, func(t *testing.T, l *lab, language string) {
		kind := kinds(language, []string{"goroutines"}, []string{"asyncio"}, []string{"tokio"})[0]
		a, err := l.Twin(t.Context(), language, "tasks", kind, "40000", "1000000")
		require.NoError(t, err)
		require.EqualValues(t, 10_000, a.Number("count"))
		require.Equal(t, "the budget of 1 MB of memory", a.Text("stopped"))
	})
}

func TestChannelLosesNothing(t *testing.T) {
	inEach(t, func(t *testing.T, l *lab, language string) {
		for _, kind := range kinds(language, []string{"goroutines"}, []string{"threads", "asyncio"}, []string{"threads",
			"tokio"}) {
			a, err := l.Twin(t.Context(), language, "channel", kind, "1000")
			require.NoError(t, err)
			require.EqualValues(t, 999*500, a.Number("sum"), kind)
			require.Positive(t, a.Number("seconds"))
		}
	})
}

func TestTickerAllocatesAtItsRate(t *testing.T) {
	inEach(t, func(t *testing.T, l *lab, language string) {
		for _, rate := range []float64{0, 20} {
			args := []string{"ticker", fmt.Sprint(rate), "0.3"}
			args = append(args, kinds(language, []string{"on"}, []string{"on"}, nil)...)
			a, err := l.Twin(t.Context(), language, args...)
			require.NoError(t, err)
			require.Positive(t, a.Number("p999"))
			require.LessOrEqual(t, a.Number("reached"), rate)
			require.Equal(t, rate > 0, a.Number("reached") > 0)
		}
	})
}

func TestEveryConnectionGetsItsEcho(t *testing.T) {
	inEach(t, func(t *testing.T, l *lab, language string) {
		l.asked = []string{language, "go"} // the client
		for _, kind := range kinds(language, []string{"goroutines"}, []string{"asyncio", "threads"}, []string{""}) {
			args := []string{"echo", kind}
			if kind == "" {
				args = args[:1]
			}
			var h held
			p99, err := h.round(t.Context(), l, language, args, 50, 100*time.Millisecond)
			require.NoError(t, err)
			require.Positive(t, p99)
			require.EqualValues(t, 50, h.open)
			require.Zero(t, h.lost)
			require.Len(t, h.bytes, 1)
		}
	})
}

func TestFanOutsOfTheOthers(t *testing.T) {
	for _, v := range fanOutVersions {
		if v.Language == "go" {
			continue // package fanout tests them
		}
		t.Run(v.Kind, func(t *testing.T) {
			l := labOf(t, v.Language)
			if why, err := l.lacksTaskGroups(t.Context(), v.Language); why != "" || err != nil {
				require.NoError(t, err)
				t.Skip(why)
			}
			for _, c := range fanout.Cases {
				ok, says, err := l.survives(t.Context(), v.Language, v.Kind, c.Name)
				require.NoError(t, err)
				require.True(t, ok, "%s: %s", c.Name, says)
			}
		})
	}
}

func TestAPanicEndsTheProgram(t *testing.T) {
	ok, says, err := labOf(t, "go").survives(t.Context(), "go", "xsync", "panic")
	require.NoError(t, err)
	require.False(t, ok)
	require.Equal(t, "ends the program", says)
}

func TestWrongArguments(t *testing.T) {
	for _, args := range [][]string{
		{"spin"}, {"spin", "map", "x", "1", "0"}, {"spin", "map", "1", "1", "x"}, {"spin", "other", "1", "1", "0"},
		{"tasks", "threads", "1", "1"}, {"tasks", "goroutines", "x", "1"}, {"tasks", "goroutines", "1", "x"},
		{"channel"}, {"channel", "goroutines", "x"}, {"ticker"}, {"ticker", "x", "1", "on"}, {"ticker", "1", "x", "on"},
		{"echo", "threads"}, {"connections", "1"}, {"connections", "1", "x", "1", "1s"}, {"connections", "1", "1", "1",
			"x"}, {"fanout", "asyncio", "order"},
		{"sandbox"},
	} {
		_, err := works[args[0]](t.Context(), args[1:])
		require.Error(t, err, args)
	}
}

func TestScale(t *testing.T) {
	l := labOf(t, "go")
	s := &spinner{Label: goSpin, Language: "go", Kind: "map"}
	require.NoError(t, l.settle(t.Context(), s, 20*time.Millisecond))
	require.Positive(t, s.Chunks)
	scaled := l.scale(t.Context(), 1, []*spinner{s})
	require.Len(t, scaled, 1)
	figures, gains := scaled[0].Figures(goSpin)
	require.InDelta(t, 1, gains.Y[0], 0)
	for _, f := range figures {
		require.True(t, f.ok(), f.why())
		require.Positive(t, f.Value)
	}
	require.ErrorContains(t, l.settle(t.Context(), &spinner{Language: "go", Kind: "other"}, time.Second),
		"no such pattern")
}

func TestOver(t *testing.T) {
	failed := errors.New("failed")
	q := series{Values: []float64{2, 6}, Moved: 0.01}.over(series{Values: []float64{1, 2}, Moved: 0.09, Disturbed: true})
	require.Equal(t, series{Values: []float64{2, 3}, Moved: 0.09, Disturbed: true}, q)
	require.ErrorIs(t, series{}.over(series{Err: failed}).Err, failed)
	require.ErrorIs(t, series{Err: failed}.over(series{}).Err, failed)
	require.Empty(t, series{Values: []float64{1}}.over(series{Values: []float64{0}}).Values)
}

func TestWorkerCounts(t *testing.T) {
	for cores, want := range map[int][]int{1: {1}, 2: {1, 2}, 4: {1, 2, 4}, 6: {1, 2, 4, 6}} {
		require.Equal(t, want, workerCounts(cores))
	}
}

func TestTightestLimit(t *testing.T) {
	dir := t.TempDir()
	limit := func(name, content string, each int) threadLimit {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
		return threadLimit{name, path, each}
	}
	most, says := tightest(100, []threadLimit{limit("a", "1000\n", 1), limit("b", "900\n", 2), limit("c", "max\n",
		1), {"d", "/nowhere", 1}})
	require.Equal(t, 225, most)
	require.Equal(t, "b, 900", says)
	if processLimit() == 0 {
		most, says = tightest(100, nil)
		require.Equal(t, 50, most)
		require.Equal(t, "what systems allow, 100", says)
	}
}

func TestARunWithABug(t *testing.T) {
	for name, c := range map[string]struct {
		script, says string
		caught       bool
	}{
		"wrong": {"echo 3 of 4", "3 instead of 4, and nothing is said", false},
		"right": {"echo 4 of 4", "4, which is right, by luck", false},
		"panics": {"echo 'panic: send on closed channel'; exit 2", "ends the program: panic: send on closed channel",
			true},
		"a race":  {"echo 'WARNING: DATA RACE'; echo 3 of 4; exit 66", "DATA RACE", true},
		"no word": {"exit 1", "ends the program: no message", true},
	} {
		var f found
		require.NoError(t, f.run(t.Context(), "sh", "-c", c.script), name)
		require.Equal(t, found{Says: c.says, Caught: c.caught}, f, name)
	}
	var f found
	require.ErrorContains(t, f.run(t.Context(), "sh", "-c", "echo hello"), `printed "hello\n"`)
	require.Error(t, f.run(t.Context(), "/nowhere"))
}

func TestRustErrors(t *testing.T) {
	require.Equal(t, "error[E0382]: borrow of moved value: `buffer`",
		rustError.FindString("error[E0382]: borrow of moved value: `buffer`\n --> main.rs:12:9\n"))
	require.Empty(t, rustError.FindString("error: linker `cc` not found\n"))
}

func TestMatrix(t *testing.T) {
	m := matrix([]found{
		{Bug: "counter", Language: "Go", Tool: goVet, Says: "nothing"},
		{Bug: "counter", Language: "Rust", Tool: rustCompiler, Missing: "no cargo"},
		{Bug: "leak", Language: "Rust", Tool: rustCompiler, Says: "accepts it"},
	})
	require.Equal(t, []string{"bug", "Go, go vet", "Rust, rustc"}, m.Head)
	require.Equal(t, [][]string{
		{"an unlocked counter", "nothing", "no cargo"}, {"memory that is never freed", "", "accepts it"},
	}, m.Rows)
}

func TestSandboxConfinesPathsAlone(t *testing.T) {
	o := c11.Run(t.Context(), labOf(t, "go"))
	require.NoError(t, o.Err)
	require.Equal(t, fails, o.Verdict)
	require.Len(t, o.Table.Rows, len(reaches))
	require.Equal(t, 1.0, of(o.Figures, reaches[0].what, itself).Value, "os.Root let something pass")
	for _, r := range reaches[1:] {
		require.Zero(t, of(o.Figures, r.what, itself).Value, r.what)
	}
	if f := of(o.Figures, theNetwork, child); f.ok() {
		require.Equal(t, 1.0, f.Value, "a namespace of its own has a network")
	}
}

func TestPauses(t *testing.T) {
	before := pauses{[]uint64{1, 0, 5, 0}, []float64{0, 1e-6, 2e-6, 4e-6, math.Inf(1)}}
	after := pauses{[]uint64{1, 9, 6, 0}, before.bounds}
	p, n := after.since(before)
	require.EqualValues(t, 10, n)
	require.InDelta(t, 2, p.quantile(0.5), 1e-9)
	require.InDelta(t, 2, p.quantile(0.9), 1e-9)
	require.InDelta(t, 4, p.quantile(0.99), 1e-9)
	require.InDelta(t, 4, pauses{[]uint64{0, 0, 0, 1}, before.bounds}.quantile(1), 1e-9, "a bucket without an end")
	none, _ := before.since(before)
	require.Zero(t, none.quantile(1))
}

func TestQuantileOf(t *testing.T) {
	values := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for q, want := range map[float64]float64{0: 1, 0.5: 5, 0.9: 9, 0.99: 10, 1: 10} {
		require.InDelta(t, want, quantileOf(values, q), 0)
	}
}

// Whoever reads a table of the five versions wants to know what their lines are.
func TestFanOutVersionsHaveFiles(t *testing.T) {
	for _, v := range fanOutVersions {
		source, err := fanout.Source.ReadFile(v.File)
		require.NoError(t, err)
		require.NotEmpty(t, fanout.Concepts(string(source)), v.File)
		require.NotContains(t, strings.Join(fanout.Concepts(string(source)), ","), "func")
	}
}

func TestFault(t *testing.T) {
	require.NoError(t, fault("x", nil))
	require.NoError(t, fault("x", absent("stopped by ulimit")))
	require.NoError(t, fault("x", fmt.Errorf("more: %w", absent("stopped by ulimit"))))
	require.EqualError(t, fault("x", errors.New("crashed")), "x: crashed")
}
