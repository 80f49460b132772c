package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// ruling is what a rule makes of figures.
type ruling struct {
	figures []figure
	want    verdict
	says    string
}

func judged(t *testing.T, judge func([]figure) (verdict, string), cases map[string]ruling) {
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, because := judge(c.figures)
			require.Equal(t, c.want, got, because)
			require.Contains(t, because, c.says)
		})
	}
}

// but is figures with others in place of those of the same name and language.
func but(figures []figure, others ...figure) []figure {
	return append(others, figures...) // the first one counts
}

func TestRuleOfFanOut(t *testing.T) {
	version := func(label string, all, own, survived float64) []figure {
		return []figure{one(fileLines, label, all, ""), one(ownLines, label, own, ""), one(survivedName, label,
			survived, "")}
	}
	var figures []figure
	for _, v := range []struct {
		label              string
		all, own, survived float64
	}{
		{"Go (plain)", 30, 25, 7}, {"Go (x/sync)", 20, 15, 6}, {"Go (braid)", 11, 5, 7},
		{"Python (asyncio)", 12, 8, 7}, {"Rust (tokio)", 20, 14, 7},
	} {
		figures = append(figures, version(v.label, v.all, v.own, v.survived)...)
	}
	judge := func(figures []figure) (verdict, string) { return judgeFanOut(7, figures) }
	judged(t, judge, map[string]ruling{
		"shorter by both counts": {figures, holds, "Go (braid) has 5 and survives every case"},
		"as short": {but(figures, one(fileLines, "Go (braid)", 12, "")), holds,
			"Python (asyncio) is the shortest and has 12"},
		"by one of the two": {but(figures, one(fileLines, "Go (braid)", 13, "")), inPart, "has 13"},
		"by none":           {but(figures, version("Go (braid)", 13, 9, 7)...), fails, "has 9"},
		"one that does not survive does not count": {but(figures, version("Python (asyncio)", 3, 2, 6)...), holds,
			"Rust (tokio) is the shortest"},
		"nor does one in Go": {but(figures, one(survivedName, "Go (braid)", 6, "")), fails,
			"Go (plain) has 25"},
		"none in Go": {but(figures, one(survivedName, "Go (braid)", 6, ""), one(survivedName, "Go (plain)", 6, "")), fails,
			"No version in Go survives every case."},
		"no other": {but(figures, one(survivedName, "Python (asyncio)", 6, ""), one(survivedName, "Rust (tokio)", 6,
			"")), holds,
			"no other survives every case"},
		"no Rust": {but(figures, missing(survivedName, "Rust (tokio)", "no cargo on this machine")), notHere,
			"no cargo on this machine"},
	})
}

func TestRuleOfTheGIL(t *testing.T) {
	figures := []figure{
		one(gainName(4), pyThread, 1.1, "×"), one(gainName(4), goSpin, 3.6, "×"), one(shareName, goSpin, 0.9, "×"),
	}
	judge := func(figures []figure) (verdict, string) { return judgeGIL(4, figures) }
	judged(t, judge, map[string]ruling{
		"both":          {figures, holds, "On 4 cores Python's threads gain 1.10 ×, Go 3.60 ×, which is 0.90 of what 4"},
		"Python scales": {but(figures, one(gainName(4), pyThread, 1.11, "×")), inPart, "1.11"},
		"Go does not":   {but(figures, one(shareName, goSpin, 0.89, "×")), inPart, "0.89"},
		"neither": {but(figures, one(gainName(4), pyThread, 2, "×"), one(shareName, goSpin, 0.5, "×")), fails,
			"0.50"},
		"no Python": {but(figures, missing(gainName(4), pyThread, "no python3 on this machine")), notHere,
			"no python3 on this machine"},
		"disturbed":        {but(figures, disturbed(one(shareName, goSpin, 1, "×"))), notHere, "control moved by 9 %"},
		"nothing measured": {nil, notHere, "was not measured"},
	})
	got, because := judgeGIL(1, figures)
	require.Equal(t, notHere, got)
	require.Contains(t, because, "one core")
}

func TestRuleOfTasks(t *testing.T) {
	goes := taskKinds[0].Label
	figures := []figure{
		one(taskCount(million), goes, million, ""), one(taskBytes(million), goes, 4096, "bytes"),
		one(taskBytes(million), "Rust (tokio, async style)", 450, "bytes"),
	}
	judged(t, judgeTasks, map[string]ruling{
		"a million": {figures, holds,
			"Go had 1,000,000 goroutines alive at once, of 4 KiB each. Rust (tokio, async style): 450 B each."},
		"too large": {but(figures, one(taskBytes(million), goes, 4097, "bytes")), inPart, "Go had"},
		"fewer and too large": {but(figures, one(taskCount(million), goes, 99_999, ""), one(taskBytes(million), goes,
			9000, "bytes")), fails,
			"99,999"},
		"no memory for more": {but(figures, one(taskCount(million), goes, 700_000, ""), missing(taskTime(million), goes,
			"stopped by X")), notHere,
			"stopped by X"},
		"no memory known": {but(figures, missing(taskBytes(million), goes, "no /proc here")), notHere, "no /proc here"},
	})
}

// noticed is what is found of the four bugs: go vet and -race of each, and rustc.
func noticed(vet, race, rust string) (all []found) {
	for i, bug := range []string{"counter", "sent", "checkact", "closed"} {
		all = append(all,
			found{Bug: bug, Language: "Go", Tool: goVet, Caught: vet[i] == 'x', Says: "vet says"},
			found{Bug: bug, Language: "Go", Tool: goRace, Caught: race[i] == 'x', Says: "race says"},
			found{Bug: bug, Language: "Go", Tool: goRun, Caught: true, Says: "run says"},
			found{Bug: bug, Language: "Rust", Tool: rustCompiler, Caught: rust[i] == 'x', Says: "rust says"})
	}
	return all
}

func TestRuleOfSafety(t *testing.T) {
	lacking := noticed("....", "xxxx", "xxxx")
	lacking[1] = found{Bug: "counter", Language: "Go", Tool: goRace, Missing: "no C compiler"}
	for name, c := range map[string]struct {
		cells []found
		want  verdict
		says  string
	}{
		"all, by one or the other": {noticed("x...", ".xxx", "...."), holds, "Go's tools catch 4 of 4 bugs"},
		"all but one": {noticed("....", "xx.x", "xx.x"), inPart,
			"Nobody notices: check-then-act. Rust's compiler rejects 3 of 4."},
		"none":          {noticed("....", "....", "xxxx"), fails, "catch 0 of 4 bugs: nothing."},
		"no -race":      {lacking, notHere, "no C compiler"},
		"nothing known": {nil, notHere, "Not all"},
	} {
		t.Run(name, func(t *testing.T) {
			got, because := judgeSafety(c.cells)
			require.Equal(t, c.want, got, because)
			require.Contains(t, because, c.says)
		})
	}
	// What vet has caught needs no -race.
	lacking[0].Caught = true
	got, _ := judgeSafety(lacking)
	require.Equal(t, holds, got)
}

func TestRuleOfRaces(t *testing.T) {
	rust := func(bug string, caught bool) found {
		return found{Bug: bug, Language: "Rust", Tool: rustCompiler, Caught: caught, Says: "rejects it: E1"}
	}
	goes := found{Bug: "counter", Language: "Go", Tool: goRace, Caught: true, Says: "DATA RACE"}
	python := found{Bug: "counter", Language: "Python", Tool: pythonRun, Says: "7 instead of 8, and nothing is said"}
	for name, c := range map[string]struct {
		cells []found
		want  verdict
		says  string
	}{
		"all rejected": {[]found{rust("counter", true), rust("checkact", true), rust("leak", true), goes}, holds,
			"Go, -race: DATA RACE."},
		"the race alone": {[]found{rust("counter", true), rust("checkact", false), rust("leak", false), python}, inPart,
			"Python: 7 instead of 8, and nothing is said. rustc accepts: check-then-act, memory that is never freed."},
		"the race and one more": {
			[]found{rust("counter", true), rust("checkact", true), rust("leak", false)}, inPart, "rustc accepts: memory",
		},
		"not even that": {[]found{rust("counter", false), rust("checkact", false), rust("leak", false)}, fails,
			"rustc accepts"},
		"a cell is missing": {[]found{rust("counter", true), rust("checkact", false)}, notHere,
			"memory that is never freed"},
		"no Rust": {[]found{{Bug: "counter", Language: "Rust", Tool: rustCompiler,
			Missing: "no cargo on this machine"}}, notHere,
			"no cargo on this machine"},
		"nothing": {nil, notHere, "was not tried"},
	} {
		t.Run(name, func(t *testing.T) {
			got, because := judgeRaces(c.cells)
			require.Equal(t, c.want, got, because)
			require.Contains(t, because, c.says)
		})
	}
}

func TestRuleOfTheCollector(t *testing.T) {
	const ms = 1e6
	with, off, quiet := latenessName(decidedRate), "Go, collector off", "Go, not allocating"
	figures := []figure{
		one(with, "Go", 1.5*ms, "ns"), one(with, off, 0.5*ms, "ns"), one(latenessName(0), quiet, 0.5*ms, "ns"),
		one(reachedName(decidedRate), "Go", 199, "MB/s"), one(with, "Python threads", 6*ms, "ns"),
	}
	judged(t, judgeCollector, map[string]ruling{
		"one millisecond":      {figures, holds, "Go's p99.9 is 1.50 ms. With the collector off it is 500 µs"},
		"beside Python":        {figures, holds, "Python threads: 6 ms."},
		"more than off":        {but(figures, one(with, off, 0.4*ms, "ns")), inPart, "400 µs"},
		"more than without":    {but(figures, one(latenessName(0), quiet, 0.4*ms, "ns")), inPart, "400 µs"},
		"more than both":       {but(figures, one(with, "Go", 2*ms, "ns")), fails, "2 ms"},
		"not as much":          {but(figures, one(reachedName(decidedRate), "Go", 150, "MB/s")), notHere, "only 150 MB/s"},
		"no run without":       {but(figures, missing(with, off, "too much memory")), notHere, "too much memory"},
		"the machine was busy": {but(figures, disturbed(one(with, "Go", 1*ms, "ns"))), notHere, "control moved"},
	})
}

func TestRuleOfConnections(t *testing.T) {
	goes, rust, threads := echoes[0].Label, echoes[3].Label, echoes[2].Label
	figures := []figure{
		one(heldName, goes, manyOpen, ""), one(lostName, goes, 0, ""), one(answered, goes, 2e6, "ns"),
		one(answered, rust, 1e6, "ns"), missing(answered, threads, "stopped by kernel.pid_max"),
	}
	judged(t, judgeConnections, map[string]ruling{
		"twice the best":     {figures, holds, "Go held 10,000 connections; 0 messages were lost; p99 2 ms."},
		"says who is absent": {figures, holds, "Python (threads): stopped by kernel.pid_max."},
		"slower":             {but(figures, one(answered, goes, 2.1e6, "ns")), inPart, "2.10 ms"},
		"not all":            {but(figures, one(heldName, goes, 9000, "")), fails, "9,000"},
		"loses some":         {but(figures, one(lostName, goes, 3, "")), fails, "3 messages"},
		"disturbed":          {but(figures, disturbed(one(answered, goes, 2e6, "ns"))), notHere, "decides nothing"},
		"no other":           {but(figures, missing(answered, rust, "no cargo")), notHere, "no other service"},
		"Go did not run":     {[]figure{missing(answered, goes, "left out by -lang")}, notHere, "was not measured"},
	})
}

func TestRuleOfTheSandbox(t *testing.T) {
	tried := func(confinedOnes int) (figures []figure) {
		for i, r := range reaches {
			why := ""
			if i < confinedOnes {
				why = "refused"
			}
			figures = append(figures, confined(r.what, itself, why))
		}
		return figures
	}
	all := len(reaches)
	judged(t, judgeSandbox, map[string]ruling{
		"all":         {tried(all), holds, "Within reach: nothing."},
		"all but one": {tried(all - 1), fails, "Within reach: " + reaches[all-1].what},
		"that one in a process of its own": {append(tried(all-1), confined(reaches[all-1].what, child, "refused")),
			holds, "nothing"},
		"none":      {tried(0), fails, "Confined: nothing."},
		"not tried": {nil, notHere, "was not measured"},
	})
}

func TestRuleOfCores(t *testing.T) {
	figures := []figure{
		one(shareName, goSpin, 0.85, "×"), one(shareName, goPipeline, 0.9, "×"), one(serviceScales, "Go", 1.02, "×"),
	}
	judge := func(figures []figure) (verdict, string) { return judgeCores(2, figures) }
	judged(t, judge, map[string]ruling{
		"all": {figures, holds, "a pipeline 0.90, fanout.Map 0.85, the REST service 1.02"},
		"one": {but(figures, one(shareName, goSpin, 0.84, "×"), one(serviceScales, "Go", 0.5, "×")), inPart,
			"0.84"},
		"none": {but(figures, one(shareName, goSpin, 0.8, "×"), one(serviceScales, "Go", 0.5, "×"),
			one(shareName, goPipeline, 0, "×")), fails, "0.80"},
		"no service": {but(figures, missing(serviceScales, "Go", "not built")), notHere,
			"Of the REST service it was not measured: Go: not built."},
		"disturbed":   {but(figures, disturbed(one(shareName, goSpin, 1, "×"))), notHere, "control moved"},
		"no pipeline": {figures[:1], notHere, "a pipeline"},
	})
	got, _ := judgeCores(1, figures)
	require.Equal(t, notHere, got)
}
