package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Four bugs of programs that share or send, each in every language: safety/BUG/main.go, main.rs and
// main.py. Who notices? The speed of a channel stands second.
var c07 = claim{
	ID:       7,
	Text:     "Goroutines and channels let threads \"communicate safely\".",
	Document: "002",
	Rule: "Each of four bugs (an unlocked counter, a value changed after it was sent, check-then-act, a send " +
		"on a closed channel) is caught in Go by a tool before production: go vet, or a test with -race. In " +
		"part if some are. Stated cell by cell.",
	Twins: []string{"go", "python", "rust"},
	Cost:  2 * time.Minute,
	Quick: 30 * time.Second,
	Run:   safely,
}

// What each bug is called, by its folder.
var bugNames = map[string]string{
	"counter":  "an unlocked counter",
	"sent":     "a value changed after it was sent",
	"checkact": "check-then-act",
	"closed":   "a send on a closed channel",
	"leak":     "memory that is never freed",
}

func safely(ctx context.Context, l *lab) (o outcome) {
	cells, err := l.inspectAll(ctx, "counter", "sent", "checkact", "closed")
	o.Table, o.Figures, o.Err = matrix(cells), cellFigures(cells), err
	o.Verdict, o.Because = judgeSafety(cells)
	speeds, err := l.channelSpeed(ctx)
	o.Err = errors.Join(o.Err, err)
	o.Figures = append(o.Figures, speeds...)
	o.Plot = &plot{Title: "A message through a channel or a queue with room for 128", Unit: "ns", Log: true}
	for _, f := range speeds {
		if f.Missing == "" {
			o.Plot.Bars = append(o.Plot.Bars, bar{f.Language, f.Language, f.Value})
			o.Plot.Words += fmt.Sprintf("%s: %s. ", f.Language, f.Text())
		}
	}
	return o
}

// inspectAll looks at the bugs in each language.
func (l *lab) inspectAll(ctx context.Context, bugs ...string) (all []found, err error) {
	for _, bug := range bugs {
		for _, language := range []string{"go", "rust", "python"} {
			cells, failed := l.inspect(ctx, language, bug)
			err = errors.Join(err, fault(bug+" in "+language, failed))
			all = append(all, cells...)
		}
	}
	return all, err
}

// matrix has a row for each bug, and a column for whoever could notice.
func matrix(cells []found) *table {
	t := &table{Caption: "Who notices what", Head: []string{"bug"}}
	for _, c := range cells {
		if head := c.Language + ", " + c.Tool; !slices.Contains(t.Head, head) {
			t.Head = append(t.Head, head)
		}
	}
	for _, c := range cells {
		i := slices.IndexFunc(t.Rows, func(row []string) bool { return row[0] == bugNames[c.Bug] })
		if i < 0 {
			i = len(t.Rows)
			t.Rows = append(t.Rows, append([]string{bugNames[c.Bug]}, make([]string, len(t.Head)-1)...))
		}
		t.Rows[i][slices.Index(t.Head, c.Language+", "+c.Tool)] = c.Cell()
	}
	return t
}

func cellFigures(cells []found) (figures []figure) {
	for _, c := range cells {
		f := c.Figure()
		f.Name = bugNames[c.Bug]
		figures = append(figures, f)
	}
	return figures
}

// judgeSafety goes by what vet and the race detector notice of each bug. A test that panics has
// noticed, too: it would fail.
func judgeSafety(cells []found) (verdict, string) {
	var caught, missed, unknown []string
	for _, bug := range bugsOf(cells) {
		noticed, lacking := false, ""
		for _, c := range cells {
			if c.Bug == bug && c.Language == "Go" && c.Tool != goRun {
				noticed = noticed || c.Caught
				lacking += c.Missing
			}
		}
		switch {
		case noticed:
			caught = append(caught, bugNames[bug])
		case lacking != "":
			unknown = append(unknown, lacking)
		default:
			missed = append(missed, bugNames[bug])
		}
	}
	if len(unknown) > 0 || len(caught)+len(missed) == 0 {
		return notHere, "Not all that the rule needs was tried: " + strings.Join(slices.Compact(unknown), "; ") + "."
	}
	asked := len(caught) + len(missed)
	because := fmt.Sprintf("Go's tools catch %d of %d bugs: %s.", len(caught), asked, listed(caught))
	if len(missed) > 0 {
		because += " Nobody notices: " + strings.Join(missed, ", ") + "."
	}
	because += rustBeside(cells)
	switch {
	case len(missed) == 0:
		return holds, because
	case len(caught) > 0:
		return inPart, because
	}
	return fails, because
}

// rustBeside says how many of the bugs rustc rejects.
func rustBeside(cells []found) string {
	rejected, asked := 0, 0
	for _, c := range cells {
		if c.Tool != rustCompiler || c.Missing != "" {
			continue
		}
		asked++
		if c.Caught {
			rejected++
		}
	}
	if asked == 0 {
		return ""
	}
	return fmt.Sprintf(" Rust's compiler rejects %d of %d.", rejected, asked)
}

func bugsOf(cells []found) (bugs []string) {
	for _, c := range cells {
		if !slices.Contains(bugs, c.Bug) {
			bugs = append(bugs, c.Bug)
		}
	}
	return bugs
}

const messageTime = "a message from one task to another, room for 128"

// channelSpeed sends numbers from one task to another in each language.
func (l *lab) channelSpeed(ctx context.Context) (figures []figure, err error) {
	const fast, slow = 1_000_000, 100_000 // Python takes ten times as long
	kinds := []struct {
		label, language, kind string
		messages              int
	}{
		{"Go (a channel)", "go", "goroutines", fast},
		{"Python (queue.Queue, threads)", "python", "threads", slow},
		{"Python (asyncio.Queue)", "python", "asyncio", slow},
		{"Rust (std mpsc, threads)", "rust", "threads", fast},
		{"Rust (tokio mpsc)", "rust", "tokio", fast},
	}
	var labels []string
	var contenders []func() (float64, error)
	for _, k := range kinds {
		if why := l.Has(k.language); why != "" {
			figures = append(figures, missing(messageTime, k.label, why))
			continue
		}
		labels = append(labels, k.label)
		contenders = append(contenders, func() (float64, error) {
			a, err := l.Twin(ctx, k.language, "channel", k.kind, strconv.Itoa(k.messages))
			if right := float64(k.messages) * float64(k.messages-1) / 2; err == nil && a.Number("sum") != right {
				err = fmt.Errorf("lost messages: their sum is %.0f, not %.0f", a.Number("sum"), right)
			}
			return a.Number("seconds") * 1e9 / float64(k.messages), err
		})
	}
	for i, s := range l.Interleave(ctx, l.Size(7, 3), contenders) {
		err = errors.Join(err, fault(labels[i], s.Err))
		figures = append(figures, s.Figure(messageTime, labels[i], "ns"))
	}
	return figures, err
}
