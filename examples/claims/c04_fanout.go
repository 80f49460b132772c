package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/braidgo/braid/examples/claims/fanout"
)

// One fan-out, bounded, cancellable, with the first error and a timeout, written five times
// (fanout/*), and what becomes of each when something goes wrong. It is the central claim.
var c04 = claim{
	ID: 4,
	Text: "Go's model \"simplifies concurrent programming, making it easier to write code that performs well " +
		"under load\".",
	Document: "002",
	Rule: "A Go version survives every case, in no more lines than the shortest of the others that does: in " +
		"the whole file, and without what only names the package and its imports. In part if only by one of " +
		"the two counts.",
	Twins: []string{"go", "python", "rust"},
	Cost:  20 * time.Second,
	Quick: 20 * time.Second,
	Run:   fanOuts,
}

// fanOutVersions are the five, with their files.
var fanOutVersions = []struct{ Label, Language, Kind, File string }{
	{"Go (plain)", "go", "plain", "plain.go"},
	{"Go (x/sync)", "go", "xsync", "xsync.go"},
	{"Go (braid)", "go", "braid", "braid.go"},
	{"Python (asyncio)", "python", "asyncio", "with_asyncio.py"},
	{"Rust (tokio)", "rust", "tokio", "with_tokio.rs"},
}

const (
	fileLines    = "lines of code, the whole file"
	ownLines     = "lines of code, without package and imports"
	conceptsName = "concepts to know"
	survivedName = "cases survived"
)

func fanOuts(ctx context.Context, l *lab) (o outcome) {
	o.Table = &table{Caption: "What each version survives", Head: []string{"case"}}
	for _, c := range fanout.Cases {
		o.Table.Rows = append(o.Table.Rows, []string{c.Says})
	}
	o.Plot = &plot{Title: "Lines of code, of those that survive every case", Unit: "lines"}
	for _, v := range fanOutVersions {
		source, err := fanout.Source.ReadFile(v.File)
		if err != nil {
			return outcome{Err: err}
		}
		all, own := fanout.Lines(string(source))
		concepts := fanout.Concepts(string(source))
		o.Figures = append(o.Figures,
			one(fileLines, v.Label, float64(all), "lines"), one(ownLines, v.Label, float64(own), "lines"),
			one(conceptsName, v.Label, float64(len(concepts)), ""))
		o.Notes = append(o.Notes, fmt.Sprintf("%s, fanout/%s: %s.", v.Label, v.File, strings.Join(concepts, ", ")))
		o.Table.Head = append(o.Table.Head, v.Label)
		survived := 0
		why, err := l.lacksTaskGroups(ctx, v.Language)
		for i, c := range fanout.Cases {
			says := why
			if why == "" && err == nil {
				var ok bool
				if ok, says, err = l.survives(ctx, v.Language, v.Kind, c.Name); ok {
					survived++
				}
			}
			if err != nil {
				says = err.Error()
			}
			o.Table.Rows[i] = append(o.Table.Rows[i], says)
		}
		if err != nil {
			why, o.Err = err.Error(), errors.Join(o.Err, fault(v.Label, err))
		}
		if why != "" {
			o.Figures = append(o.Figures, missing(survivedName, v.Label, why))
			continue
		}
		o.Figures = append(o.Figures, one(survivedName, v.Label, float64(survived), ""))
		if survived == len(fanout.Cases) {
			o.Plot.Bars = append(o.Plot.Bars, bar{v.Label, v.Language, float64(own)})
			o.Plot.Words += fmt.Sprintf("%s: %d, and %d with package and imports. ", v.Label, own, all)
		}
	}
	o.Notes = append(o.Notes,
		"In Go the calls also compute at the same time. In the asyncio and the tokio version "+
			"they only wait at the same time.")
	o.Verdict, o.Because = judgeFanOut(len(fanout.Cases), o.Figures)
	return o
}

// lacksTaskGroups is Has, and for Python whether it is new enough.
func (l *lab) lacksTaskGroups(ctx context.Context, language string) (why string, err error) {
	if why := l.Has(language); why != "" || language != "python" {
		return why, nil
	}
	a, err := l.Twin(ctx, "python", "about")
	if has, _ := a["task_groups"].(bool); err == nil && !has {
		return fmt.Sprintf("Python %s has no asyncio.TaskGroup, which came with 3.11", a.Text("version")), nil
	}
	return "", err
}

// survives runs a version through a case, in a process of its own: a panic may end it.
func (l *lab) survives(ctx context.Context, language, kind, name string) (ok bool, says string, err error) {
	a, err := l.Twin(ctx, language, "fanout", kind, name)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return false, "ends the program", nil
	case err != nil:
		return false, err.Error(), err
	}
	if survived, _ := a["survived"].(bool); !survived {
		return false, "no: " + a.Text("why"), nil
	}
	return true, "yes", nil
}

func judgeFanOut(cases int, figures []figure) (verdict, string) {
	// shortest is the least of a count among those of some languages that survive every case.
	shortest := func(count string, ours bool) figure {
		best := missing(count, "", "none survives every case")
		for _, v := range fanOutVersions {
			f, survived := of(figures, count, v.Label), of(figures, survivedName, v.Label)
			if (v.Language == "go") != ours || !survived.ok() || int(survived.Value) < cases || !f.ok() {
				continue
			}
			if !best.ok() || f.Value < best.Value {
				best = f
			}
		}
		return best
	}
	for _, v := range fanOutVersions {
		if f := of(figures, survivedName, v.Label); !f.ok() {
			return notHere, "Not all that the rule needs was tried: " + f.why() + "."
		}
	}
	because, within := "", 0
	for _, count := range []string{ownLines, fileLines} {
		ours, others := shortest(count, true), shortest(count, false)
		switch {
		case !ours.ok():
			return fails, "No version in Go survives every case."
		case !others.ok():
			within++
			because += fmt.Sprintf("%s: %s has %.0f; no other survives "+
				"every case. ", count, ours.Language, ours.Value)
			continue
		case ours.Value <= others.Value:
			within++
		}
		because += fmt.Sprintf("%s: %s has %.0f and survives every case; of the others that do, %s is the "+
			"shortest and has %.0f. ",
			count, ours.Language, ours.Value, others.Language, others.Value)
	}
	because = strings.ToUpper(because[:1]) + strings.TrimSpace(because[1:])
	return []verdict{fails, inPart, holds}[within], because
}
