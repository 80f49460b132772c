package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// printResult prints the table of one work, the fastest first.
func printResult(out io.Writer, r result) {
	fmt.Fprintf(out, "\n### %s: %s\n\n%s %d tasks, rounds: %d. Meanwhile other programs took %.0f %% of the machine, and a cache line went to another core and back in %.0f to %.0f ns.\n\n",
		r.name, r.title, r.task, r.tasks, r.times, 100*r.foreign, r.near, r.far)
	fmt.Fprintf(out, "| contender | %s | min to max | allocations a task | ÷ braid | set up as |\n|---|--:|--:|--:|--:|---|\n", r.unit)
	middle := func(c contender) float64 { return median(r.series[c.name].values) }
	for _, c := range slices.SortedStableFunc(slices.Values(r.contenders), func(a, b contender) int { return cmp.Compare(middle(a), middle(b)) }) {
		values, allocs, ratio := r.series[c.name].values, "", ""
		if r.measure == nil { // timed
			allocs = fmt.Sprintf("%.2f", median(r.series[c.name].allocs))
		}
		if slices.Min(r.series[braid].values) > 0 {
			ratio = fmt.Sprintf("%.2f", r.ratio(c.name, braid))
		}
		fmt.Fprintf(out, "| %s | %s | %s to %s | %s | %s | `%s` |\n",
			c.name, figure(middle(c)), figure(slices.Min(values)), figure(slices.Max(values)), allocs, ratio, c.setup)
	}
}

// figure prints what is small with two decimals.
func figure(value float64) string {
	if value < 10 {
		return fmt.Sprintf("%.2f", value)
	}
	return fmt.Sprintf("%.0f", value)
}

// printBounds prints the table of everything that is required of braid, and tells whether all of it is met.
func printBounds(out io.Writer, results []result) (allMet bool) {
	fmt.Fprint(out, "\n### What is required of braid\n\n| work | required | measured | met |\n|---|---|--:|---|\n")
	allMet = true
	for _, r := range results {
		for _, b := range r.bounds {
			measured, met := b.judge(r)
			answer := "yes"
			if !met {
				answer, allMet = "**no**", false
			}
			fmt.Fprintf(out, "| %s | %s | %.2f | %s |\n", r.title, b.text, measured, answer)
		}
	}
	return allMet
}
