package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Each task says that it is there and then waits, as one does whose client is silent. In which style
// it is written stands beside it: blocking, or async, where each function on the way to a wait has
// to be async, too.
var c06 = claim{
	ID:       6,
	Text:     "Go's goroutines and channels \"allow you to spawn thousands of lightweight threads\".",
	Document: "002",
	Rule: "A million goroutines, written in blocking style, are alive at once, and take at most 4 KiB each. " +
		"In part if they take more. Nothing is decided if this machine has no memory for them.",
	Twins: []string{"go", "python", "rust"},
	Cost:  3 * time.Minute,
	Quick: 40 * time.Second,
	Run:   manyTasks,
}

const (
	million     = 1_000_000
	mostPerTask = 4 << 10
	fewTasks    = 10_000
)

// taskKinds are what runs many things at once, in each language.
var taskKinds = []struct {
	Label, Language, Kind string
	Threads               bool // of the system: each counts against its limits
}{
	{"Go (goroutines, blocking style)", "go", "goroutines", false},
	{"Python (threads, blocking style)", "python", "threads", true},
	{"Python (asyncio, async style)", "python", "asyncio", false},
	{"Rust (threads, blocking style)", "rust", "threads", true},
	{"Rust (tokio, async style)", "rust", "tokio", false},
}

func manyTasks(ctx context.Context, l *lab) (o outcome) {
	budget := taskBudget()
	most, limit := mostThreads()
	o.Notes = []string{
		fmt.Sprintf("A run is stopped when its tasks need more than %s, which is half of the memory that is "+
			"free, or 8 GiB.", show(float64(budget), "bytes")),
		fmt.Sprintf("Of threads, at most %d are tried: half of %s, which the other programs of this "+
			"machine share.", most, limit),
		"What is timed is how long it takes until all tasks are there.",
	}
	if runtime.GOOS != "linux" {
		o.Notes = append(o.Notes, "The memory is read from /proc, which there is not here.")
	}
	o.Plot = &plot{Title: "A million tasks alive at once, memory each", Unit: "bytes"}
	for _, count := range []int{fewTasks, million} {
		var run []*taskRun
		for _, kind := range taskKinds {
			r := &taskRun{lab: l, label: kind.Label, language: kind.Language, kind: kind.Kind, count: count,
				budget: budget}
			if kind.Threads && count > most {
				r.why = fmt.Sprintf("stopped by %s (not tried)", limit)
			}
			if missing := l.Has(kind.Language); missing != "" {
				r.why = missing
			}
			run = append(run, r)
		}
		figures, err := l.runTasks(ctx, run)
		o.Figures = append(o.Figures, figures...)
		o.Err = errors.Join(o.Err, err)
	}
	for _, f := range o.Figures {
		if f.Name == taskBytes(million) && f.Missing == "" {
			o.Plot.Bars = append(o.Plot.Bars, bar{f.Language, f.Language, f.Value})
			o.Plot.Words += fmt.Sprintf("%s: %s each. ", f.Language, f.Text())
		}
	}
	o.Verdict, o.Because = judgeTasks(o.Figures)
	return o
}

// taskRun is one kind of task, so many of them.
type taskRun struct {
	lab                   *lab
	label, language, kind string
	count                 int
	budget                int64
	why                   string // there is nothing to run

	reached float64
	bytes   []float64 // each, round by round
}

func (r *taskRun) once(ctx context.Context) (nanoseconds float64, err error) {
	a, err := r.lab.RunTwin(ctx, twin{
		Language: r.language, Args: []string{"tasks", r.kind, strconv.Itoa(r.count), strconv.FormatInt(r.budget, 10)},
		Memory: r.budget + r.budget/4, Limit: 3 * time.Minute,
	})
	if err != nil {
		return 0, err
	}
	r.reached = a.Number("count")
	if r.reached == 0 {
		return 0, absent("no task was started: stopped by " + a.Text("stopped"))
	}
	r.bytes = append(r.bytes, a.Number("bytes")/r.reached)
	if stopped := a.Text("stopped"); stopped != "" {
		return 0, absent(fmt.Sprintf("stopped at %s by %s", number(r.reached), stopped))
	}
	return a.Number("seconds") * 1e9 / r.reached, nil
}

// runTasks gives three figures for each: how many were reached, and time and memory of each.
func (l *lab) runTasks(ctx context.Context, runs []*taskRun) (figures []figure, err error) {
	var able []*taskRun
	var contenders []func() (float64, error)
	for _, r := range runs {
		if r.why == "" {
			able = append(able, r)
			contenders = append(contenders, func() (float64, error) { return r.once(ctx) })
		}
	}
	measured := l.Interleave(ctx, l.Size(3, 1), contenders)
	for _, r := range runs {
		names := []string{taskCount(r.count), taskTime(r.count), taskBytes(r.count)}
		i := slices.Index(able, r)
		if i < 0 {
			for _, name := range names {
				figures = append(figures, missing(name, r.label, r.why))
			}
			continue
		}
		s := measured[i]
		err = errors.Join(err, fault(r.label, s.Err))
		if s.Err != nil && r.reached == 0 {
			for _, name := range names {
				figures = append(figures, missing(name, r.label, s.Err.Error()))
			}
			continue
		}
		each := median(r.bytes)
		each.Name, each.Language, each.Unit = names[2], r.label, "bytes"
		if runtime.GOOS != "linux" {
			each = missing(names[2], r.label, "no /proc here to read it from")
		}
		figures = append(figures, one(names[0], r.label, r.reached, ""), s.Figure(names[1], r.label, "ns"), each)
	}
	return figures, err
}

func taskCount(n int) string { return "alive at once, of " + number(float64(n)) + " tasks" }
func taskTime(n int) string  { return number(float64(n)) + " tasks, time each" }
func taskBytes(n int) string { return number(float64(n)) + " tasks, memory each" }

func judgeTasks(figures []figure) (verdict, string) {
	goes := taskKinds[0].Label
	count, bytes := of(figures, taskCount(million), goes), of(figures, taskBytes(million), goes)
	for _, f := range []figure{count, bytes} {
		if !f.ok() {
			return notHere, "Not all that the rule needs was measured: " + f.why() + "."
		}
	}
	var because said
	because.add("Go had %s goroutines alive at once, of %s each.", number(count.Value), bytes.Text())
	for _, kind := range taskKinds[1:] {
		its := of(figures, taskBytes(million), kind.Label)
		if its.Missing == "" {
			because.add("%s: %s each.", kind.Label, its.Text())
		}
	}
	switch small, all := bytes.Value <= mostPerTask, count.Value >= million; {
	case small && all:
		return holds, because.String()
	case all:
		return inPart, because.String()
	case small: // it is not Go that ended it
		because.add("More were not tried: %s.", of(figures, taskTime(million), goes).why())
		return notHere, because.String()
	}
	return fails, because.String()
}

// taskBudget is half of the memory that is free, but no more than eight GiB: a million goroutines
// need three. Where nobody knows what is free it is four.
func taskBudget() int64 {
	const most, unknown = 8 << 30, 4 << 30
	kilobytes, err := strconv.ParseInt(strings.Fields(field("/proc/meminfo", "MemAvailable") + " 0")[0], 10, 64)
	if err != nil || kilobytes == 0 {
		return unknown
	}
	return min(most, kilobytes<<10/2)
}

// mostThreads is half of what the tightest limit of the system allows, and which limit that is.
func mostThreads() (most int, limit string) {
	const unknown = 2000 // what macOS allows a process, and half of it would be had
	return tightest(unknown, []threadLimit{
		{"kernel.pid_max", "/proc/sys/kernel/pid_max", 1},
		{"kernel.threads-max", "/proc/sys/kernel/threads-max", 1},
		{"vm.max_map_count, of which a thread's stack takes two", "/proc/sys/vm/max_map_count", 2},
		{"the control group's pids.max", filepath.Join("/sys/fs/cgroup", controlGroup("0::"), "pids.max"), 1},
		{"the control group's pids.max", filepath.Join("/sys/fs/cgroup/pids", controlGroup("pids:"), "pids.max"), 1},
	})
}

// threadLimit is a file with a number, and how much of it a thread takes.
type threadLimit struct {
	name, path string
	each       int
}

func tightest(unknown int, limits []threadLimit) (most int, limit string) {
	for _, tl := range limits {
		content, _ := os.ReadFile(tl.path)
		n, err := strconv.Atoi(strings.TrimSpace(string(content)))
		if err != nil { // no such limit, or "max"
			continue
		}
		if most == 0 || n/tl.each/2 < most {
			most, limit = n/tl.each/2, fmt.Sprintf("%s, %d", tl.name, n)
		}
	}
	if processes := processLimit(); processes > 0 && (most == 0 || processes/2 < most) {
		most, limit = processes/2, fmt.Sprintf("ulimit -u, %d", processes)
	}
	if most == 0 {
		return unknown / 2, fmt.Sprintf("what systems allow, %d", unknown)
	}
	return most, limit
}

// processLimit is ulimit -u, 0 if there is none. It does not bind root.
func processLimit() int {
	content, _ := os.ReadFile("/proc/self/limits")
	for l := range strings.Lines(string(content)) {
		if rest, found := strings.CutPrefix(l, "Max processes"); found && os.Geteuid() != 0 {
			n, _ := strconv.Atoi(strings.Fields(rest)[0]) // or "unlimited"
			return n
		}
	}
	return 0
}

// controlGroup returns the path of this process in the hierarchy that a line of /proc/self/cgroup
// names.
func controlGroup(hierarchy string) string {
	content, _ := os.ReadFile("/proc/self/cgroup")
	for l := range strings.Lines(string(content)) {
		if _, path, found := strings.Cut(strings.TrimSpace(l), hierarchy); found {
			return path
		}
	}
	return ""
}
