package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The same kernel as claim 5, in braid's patterns: with fanout.Map, and in a pipeline of two stages
// with workers.
var c12 = claim{
	ID:       12,
	Text:     "Go is \"enabling highly scalable applications\": its programs scale with the cores.",
	Document: "002",
	Rule: "On all cores, each of fanout.Map, a pipeline and the REST service reaches at least 0.85 of what as " +
		"many independent processes do. In part if one of them does.",
	Twins: []string{"go"},
	Cost:  2 * time.Minute,
	Quick: 15 * time.Second,
	Run:   scaleWithCores,
}

const (
	leastShare = 0.85
	goPipeline = "Go (pipeline)"
)

func scaleWithCores(ctx context.Context, l *lab) (o outcome) {
	spinners := []*spinner{
		{Label: goSpin, Language: "go", Kind: "map"},
		{Label: goPipeline, Language: "go", Kind: "pipeline"},
	}
	wanted := time.Duration(l.Size(1000, 200)) * time.Millisecond
	for _, s := range spinners {
		if err := l.settle(ctx, s, wanted); err != nil {
			return outcome{Err: err}
		}
	}
	o.Plot = &plot{Title: "What more cores bring, over one", Unit: "×", XLabel: "cores"}
	for i, sc := range l.scale(ctx, l.Size(7, 5), spinners) {
		figures, gains := sc.Figures(spinners[i].Label)
		o.Err = errors.Join(o.Err, fault(spinners[i].Label, sc.Share.Err))
		o.Figures, o.Plot.Lines = append(o.Figures, figures...), append(o.Plot.Lines, gains)
	}
	service, err := l.scaleService(ctx)
	o.Figures, o.Err = append(o.Figures, service...), errors.Join(o.Err, err)
	o.Verdict, o.Because = judgeCores(coreCount(), o.Figures)
	o.Plot.Words = gainsInWords(o.Plot.Lines)
	return o
}

// judgeCores goes by whatever has a share of the machine's limit.
func judgeCores(cores int, figures []figure) (verdict, string) {
	if cores < 2 {
		return notHere, "There is one core here, and nothing to scale to."
	}
	var shares []string
	enough, lacking := 0, ""
	parts := map[string]figure{
		"fanout.Map":       of(figures, shareName, goSpin),
		"a pipeline":       of(figures, shareName, goPipeline),
		"the REST service": of(figures, serviceScales, "Go"),
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		f := parts[name]
		if !f.ok() {
			lacking += fmt.Sprintf(" Of %s it was not measured: %s.", name, f.why())
			continue
		}
		if f.Value >= leastShare {
			enough++
		}
		shares = append(shares, fmt.Sprintf("%s %.2f", name, f.Value))
	}
	because := fmt.Sprintf("Of what %d independent processes do on %d "+
		"cores: %s.", cores, cores, cmp.Or(strings.Join(shares, ", "), "nothing was measured"))
	switch {
	case lacking != "":
		return notHere, because + lacking
	case enough == len(parts):
		return holds, because
	case enough > 0:
		return inPart, because
	}
	return fails, because
}
