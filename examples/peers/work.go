package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"
)

// A work is one job that all its contenders do in the same way, and what braid must reach at it.
type work struct {
	name, title string // the name is what -only matches
	task        string // what each of a run's n tasks does
	unit        string // of the figures
	n, quick    int    // quick: n with -quick
	rounds      int    // at most so many; 0: as many as asked for
	contenders  []contender
	bounds      []bound

	want    func(n int) int                                  // what a run returns that did all its work
	measure func(w work, c contender, n int) (sample, error) // nil: timed
}

// A contender is one way to do a work.
type contender struct {
	name, setup string
	peer        bool // another library, rather than braid or the plain language
	run         func(n int) int

	// Where looking at the results would take as long as the work, proof does it instead, after the clock has
	// stopped; and prepare, before it starts, makes the input. Most contenders need neither.
	prepare func(n int)
	proof   func() int
}

// A sample is what one run came to.
type sample struct{ value, allocs float64 }

// check is one run; a wrong result is an error.
func (w work) check(c contender, n int) error {
	c.begin(n)
	return w.verify(c, n, c.run(n))
}

func (c contender) begin(n int) {
	if c.prepare != nil {
		c.prepare(n)
	}
}

func (w work) verify(c contender, n, got int) error {
	if c.proof != nil {
		got = c.proof()
	}
	if want := w.want(n); got != want {
		return fmt.Errorf("%s: %s: %d tasks came to %d, not to %d", w.name, c.name, n, got, want)
	}
	return nil
}

// timed measures nanoseconds and heap allocations a task, from the opening of a pool to its end: among
// so many tasks neither shows.
func timed(w work, c contender, n int) (sample, error) {
	c.begin(n)
	var before, after runtime.MemStats
	runtime.GC() // what the contender before has left is not this one's to clear
	runtime.ReadMemStats(&before)
	start := time.Now()
	got := c.run(n)
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	return sample{float64(elapsed) / float64(n), float64(after.Mallocs-before.Mallocs) / float64(n)}, w.verify(c, n, got)
}

// A result is all the samples of a work, one a round for each contender.
type result struct {
	work
	tasks, times int
	foreign      float64 // the share of the machine that others had meanwhile
	near, far    float64 // the least and the greatest coreDistance
	series       map[string]series
}

type series struct{ values, allocs []float64 }

func measureAll(w work, n, times int) (result, error) {
	r := result{work: w, tasks: n, times: times, series: map[string]series{}}
	foreign, distances := foreignLoad(), []float64{coreDistance()}
	measure := w.measure
	if measure == nil {
		measure = timed
	}
	for range times {
		for _, i := range rand.Perm(len(w.contenders)) {
			c := w.contenders[i]
			one, err := measure(w, c, n)
			if err != nil {
				return r, err
			}
			so := r.series[c.name]
			r.series[c.name] = series{append(so.values, one.value), append(so.allocs, one.allocs)}
		}
	}
	r.foreign = foreign()
	distances = append(distances, coreDistance())
	r.near, r.far = slices.Min(distances), slices.Max(distances)
	return r, nil
}

// ratio is the median of what one contender took in a round, divided by what the other took in it.
func (r result) ratio(name, other string) float64 {
	ratios := slices.Clone(r.series[name].values)
	for i, value := range r.series[other].values {
		ratios[i] /= value
	}
	return median(ratios)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// A bound is something braid must reach at a work.
type bound struct {
	text     string
	measured func(result) float64
	met      func(measured float64) bool
}

func atMost(limit float64, text string, measured func(result) float64) bound {
	return bound{fmt.Sprintf("≤ %v %s", limit, text), measured, func(m float64) bool { return m <= limit }}
}

func atLeast(limit float64, text string, measured func(result) float64) bound {
	return bound{fmt.Sprintf("≥ %v %s", limit, text), measured, func(m float64) bool { return m >= limit }}
}

func allocsAtMost(limit float64) bound {
	return atMost(limit, "allocations a task", func(r result) float64 { return median(r.series[braid].allocs) })
}

// fasterThan compares with the fastest of those that compete.
func fasterThan(who string, limit float64, competes func(contender) bool) bound {
	return atLeast(limit, "× faster than "+who, func(r result) float64 {
		fastest := math.Inf(1)
		for _, c := range r.contenders {
			if competes(c) {
				fastest = min(fastest, r.ratio(c.name, braid))
			}
		}
		return fastest
	})
}

// judge rounds as the table does, so that the verdict is about the figure that is read.
func (b bound) judge(r result) (measured float64, met bool) {
	measured = math.Round(b.measured(r)*100) / 100
	return measured, b.met(measured)
}
