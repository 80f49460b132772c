package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// The same kernel, a random number generator that touches no memory, on 1 to N threads. The machine's
// own limit is what N independent processes reach with it: on many a machine that is less than N.
var c05 = claim{
	ID:       5,
	Text:     "Python's GIL \"limits true parallelism\"; Go runs CPU-bound work on all cores.",
	Document: "002",
	Rule: "Python threads gain at most 1.1 × from all cores, and Go gains at least 0.9 × of what as many " +
		"independent processes do. In part if only one of the two is so.",
	Twins: []string{"go", "python", "rust"},
	Cost:  3 * time.Minute,
	Quick: 30 * time.Second,
	Run:   gil,
}

const (
	mostGIL  = 1.1
	leastGo  = 0.9
	goSpin   = "Go (fanout.Map)"
	pyThread = "Python threads"
)

func gil(ctx context.Context, l *lab) (o outcome) {
	spinners, about, lacking := l.pythons(ctx)
	o.Notes = about
	o.Figures = lacking
	spinners = append([]*spinner{{Label: goSpin, Language: "go", Kind: "map"}}, spinners...)
	spinners = append(spinners, &spinner{Label: "Rust threads", Language: "rust", Kind: "threads"})
	wanted := time.Duration(l.Size(1000, 200)) * time.Millisecond
	var ready []*spinner
	for _, s := range spinners {
		why := l.Has(s.Language)
		if why == "" {
			if err := l.settle(ctx, s, wanted); err != nil {
				why, o.Err = err.Error(), errors.Join(o.Err, fault(s.Label, err))
			}
		}
		if why != "" {
			o.Figures = append(o.Figures, missing(gainName(coreCount()), s.Label, why))
			continue
		}
		ready = append(ready, s)
	}
	o.Plot = &plot{Title: "What more workers bring, over one", Unit: "×", XLabel: "workers"}
	for i, sc := range l.scale(ctx, l.Size(7, 5), ready) {
		figures, gains := sc.Figures(ready[i].Label)
		o.Err = errors.Join(o.Err, fault(ready[i].Label, sc.Share.Err))
		o.Figures, o.Plot.Lines = append(o.Figures, figures...), append(o.Plot.Lines, gains)
	}
	o.Verdict, o.Because = judgeGIL(coreCount(), o.Figures)
	o.Plot.Words = gainsInWords(o.Plot.Lines)
	return o
}

// pythons are the ways to use cores in Python, and which Pythons they are. Figures say what there
// is not.
func (l *lab) pythons(ctx context.Context) (spinners []*spinner, about []string, lacking []figure) {
	usual := []*spinner{
		{Label: pyThread, Language: "python", Kind: "threads"},
		{Label: "Python processes (a pool)", Language: "python", Kind: "processes", NoLimit: true},
	}
	if l.Has("python") != "" {
		return usual, nil, nil // each says so itself
	}
	a, err := l.Twin(ctx, "python", "about")
	if err == nil {
		about = append(about, "Python is "+a.Text("version")+".")
	}
	if free, _ := a["free_threaded"].(bool); free {
		usual[0].Label = "Python threads (free-threaded " + a.Text("version") + ")"
		return usual, about, []figure{missing(gainName(coreCount()), pyThread, "this Python has no GIL")}
	}
	command, version := l.freeThreaded(ctx)
	label := "Python threads, free-threaded"
	if command == nil {
		return usual, about, []figure{missing(gainName(coreCount()), label, "no free-threaded Python on this "+
			"machine")}
	}
	about = append(about, "The free-threaded Python is "+version+".")
	return append(usual, &spinner{Label: label, Language: "python", Kind: "threads", Command: command}), about, nil
}

// freeThreaded looks for a Python without GIL: its command, or nil, and its version.
func (l *lab) freeThreaded(ctx context.Context) (command []string, version string) {
	command, err := l.program(ctx, "python")
	if err != nil {
		return nil, ""
	}
	for _, name := range []string{"python3.15t", "python3.14t", "python3.13t"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		its := append([]string{path}, command[1:]...)
		a, err := l.RunTwin(ctx, twin{Language: "python", Command: its, Args: []string{"about"}})
		if free, _ := a["free_threaded"].(bool); err == nil && free {
			return its, a.Text("version")
		}
	}
	return nil, ""
}

func judgeGIL(cores int, figures []figure) (verdict, string) {
	if cores < 2 {
		return notHere, "There is one core here, and nothing to gain from more."
	}
	python, share := of(figures, gainName(cores), pyThread), of(figures, shareName, goSpin)
	ours := of(figures, gainName(cores), goSpin)
	for _, f := range []figure{python, share, ours} {
		if !f.ok() {
			return notHere, "Not all that the rule needs was measured: " + f.why() + "."
		}
	}
	because := fmt.Sprintf("On %d cores Python's threads gain %.2f ×, Go %.2f ×, which is %.2f of what %d "+
		"independent processes of Go reach.",
		cores, python.Value, ours.Value, share.Value, cores)
	switch limited, scales := python.Value <= mostGIL, share.Value >= leastGo; {
	case limited && scales:
		return holds, because
	case limited || scales:
		return inPart, because
	}
	return fails, because
}

// gainsInWords says where each line ends.
func gainsInWords(lines []line) (words string) {
	for _, l := range lines {
		if last := len(l.X) - 1; last >= 0 {
			words += fmt.Sprintf("%s: %.2f × with %.0f workers. ", l.Label, l.Y[last], l.X[last])
		}
	}
	return words
}
