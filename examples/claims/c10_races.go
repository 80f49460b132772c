package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The same race in each language, with a yield between reading and writing so that it does show;
// a check-then-act, which is no data race; and memory that is never freed, in Rust.
var c10 = claim{
	ID: 10,
	Text: "Rust's \"safety guarantees enforced at compile time\" prevent data races; leaks and races are " +
		"minimized.",
	Document: "002",
	Rule: "rustc rejects the data race, and the check-then-act and the leak, which the document calls " +
		"minimized, too. In part if it rejects the data race and not the others. Stated cell by cell.",
	Twins: []string{"go", "python", "rust"},
	Cost:  30 * time.Second,
	Quick: 20 * time.Second,
	Run:   races,
}

func races(ctx context.Context, l *lab) (o outcome) {
	cells, err := l.inspectAll(ctx, "counter", "checkact")
	leak, leaked := l.inspect(ctx, "rust", "leak")
	cells = append(cells, leak...)
	o.Table, o.Figures, o.Err = matrix(cells), cellFigures(cells), errors.Join(err, leaked)
	o.Verdict, o.Because = judgeRaces(cells)
	return o
}

func judgeRaces(cells []found) (verdict, string) {
	cell := func(bug, language, tool string) found {
		for _, c := range cells {
			if c.Bug == bug && c.Language == language && c.Tool == tool {
				return c
			}
		}
		return found{Bug: bug, Language: language, Tool: tool, Missing: "was not tried"}
	}
	race := cell("counter", "Rust", rustCompiler)
	if race.Missing != "" {
		return notHere, "Rust: " + race.Missing + "."
	}
	because := fmt.Sprintf("Of the data race, rustc %s.", race.Says)
	for _, tool := range []string{goVet, goRace, goRun} {
		if c := cell("counter", "Go", tool); c.Missing == "" {
			because += fmt.Sprintf(" Go, %s: %s.", tool, c.Says)
		}
	}
	if c := cell("counter", "Python", pythonRun); c.Missing == "" {
		because += fmt.Sprintf(" Python: %s.", c.Says)
	}
	var accepted []string
	for _, bug := range []string{"checkact", "leak"} {
		c := cell(bug, "Rust", rustCompiler)
		if c.Missing != "" {
			return notHere, because + fmt.Sprintf(" Not tried: %s in Rust, %s.", bugNames[bug], c.Missing)
		}
		if !c.Caught {
			accepted = append(accepted, bugNames[bug])
		}
	}
	if len(accepted) > 0 {
		because += " rustc accepts: " + strings.Join(accepted, ", ") + "."
	}
	switch {
	case race.Caught && len(accepted) == 0:
		return holds, because
	case race.Caught:
		return inPart, because
	}
	return fails, because
}
