package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// How late a tick of one millisecond is beside a goroutine (a thread) that allocates at a fixed rate
// and keeps the last 64 MB of it in small pieces. The same program without allocation, and with the
// collector off, says what is the machine's part.
var c08 = claim{
	ID: 8,
	Text: "Go's garbage collection is \"optimized for low latency\"; Go's and Rust's memory is more " +
		"predictable than Python's.",
	Document: "002",
	Rule: "At 200 MB/s the collector adds at most 1 ms to the p99.9 of the lateness of a 1 ms tick in Go: " +
		"over the same program with the collector off, and over the same one that does not allocate. In " +
		"part if only over one of them.",
	Twins: []string{"go", "python", "rust"},
	Cost:  6 * time.Minute,
	Quick: 45 * time.Second,
	Run:   collector,
}

const (
	mostAdded   = float64(time.Millisecond)
	decidedRate = 200 // MB/s
	lowRate     = 50
)

// tickers are the programs, and how each is told to do without its collector.
var tickers = []struct {
	Label, Language string
	Rate            int    // MB/s
	Collector       string // Rust has none to switch off
}{
	{"Go, not allocating", "go", 0, "on"},
	{"Go", "go", lowRate, "on"},
	{"Go", "go", decidedRate, "on"},
	{"Go, collector off", "go", decidedRate, "off"},
	{"Go", "go", 800, "on"},
	{"Go, collector off", "go", 800, "off"},
	{"Python threads, not allocating", "python", 0, "on"},
	{"Python threads", "python", lowRate, "on"},
	{"Python threads", "python", decidedRate, "on"},
	{"Python threads, collector off", "python", decidedRate, "off"},
	{"Python threads", "python", 800, "on"},
	{"Rust threads, not allocating", "rust", 0, ""},
	{"Rust threads", "rust", lowRate, ""},
	{"Rust threads", "rust", decidedRate, ""},
	{"Rust threads", "rust", 800, ""},
}

func collector(ctx context.Context, l *lab) (o outcome) {
	seconds := l.Size(5, 1)
	budget := taskBudget()
	var contenders []func() (float64, error)
	last := make([]answer, len(tickers)) // of each: the last round's
	for i, t := range tickers {
		contenders = append(contenders, func() (float64, error) {
			if why := l.Has(t.Language); why != "" {
				return 0, absent(why)
			}
			if l.Quick && t.Rate == lowRate {
				return 0, absent("left out by -quick")
			}
			if need := int64(t.Rate) * 1e6 * int64(seconds); t.Collector == "off" && need > budget {
				return 0, absent(fmt.Sprintf("without the collector it would need %d MB of memory", need/1e6))
			}
			args := []string{"ticker", strconv.Itoa(t.Rate), strconv.Itoa(seconds)}
			if t.Collector != "" {
				args = append(args, t.Collector)
			}
			a, err := l.Twin(ctx, t.Language, args...)
			last[i] = a
			return a.Number("p999") * 1000, err // they print microseconds
		})
	}
	o.Plot = &plot{Title: "How late a tick of 1 ms is: p99.9", Unit: "ns", Log: true}
	for i, s := range l.Interleave(ctx, l.Size(5, 2), contenders) {
		t := tickers[i]
		f := s.Figure(latenessName(t.Rate), t.Label, "ns")
		o.Figures = append(o.Figures, f)
		o.Err = errors.Join(o.Err, fault(t.Label, s.Err))
		if f.Missing != "" || last[i] == nil {
			continue
		}
		label := t.Label
		if t.Rate > 0 {
			label = fmt.Sprintf("%s, %d MB/s", t.Label, t.Rate)
			o.Figures = append(o.Figures, one(reachedName(t.Rate), t.Label, last[i].Number("reached"), "MB/s"))
		}
		o.Plot.Bars = append(o.Plot.Bars, bar{label, t.Language, f.Value})
		o.Plot.Words += fmt.Sprintf("%s: %s. ", label, f.Text())
		if n := last[i].Number("pauses"); n > 0 {
			o.Notes = append(o.Notes, fmt.Sprintf("%s: %.0f pauses for the collector in %d s; median %s, p99 %s, "+
				"longest %s.", label, n, seconds,
				micro(last[i], "pause_p50"), micro(last[i], "pause_p99"), micro(last[i], "pause_max")))
		}
	}
	o.Notes = append(o.Notes, "Go's pauses are those of the runtime's own histogram, "+
		"/sched/pauses/total/gc:seconds; Python's are what gc.callbacks tell.")
	o.Verdict, o.Because = judgeCollector(o.Figures)
	return o
}

func micro(a answer, name string) string { return show(a.Number(name)*1000, "ns") }

func latenessName(rate int) string {
	if rate == 0 {
		return "p99.9 of the lateness, not allocating"
	}
	return fmt.Sprintf("p99.9 of the lateness, at %d MB/s", rate)
}

func reachedName(rate int) string { return fmt.Sprintf("rate reached, of %d MB/s", rate) }

func judgeCollector(figures []figure) (verdict, string) {
	with := of(figures, latenessName(decidedRate), "Go")
	off := of(figures, latenessName(decidedRate), "Go, collector off")
	quiet := of(figures, latenessName(0), "Go, not allocating")
	reached := of(figures, reachedName(decidedRate), "Go")
	for _, f := range []figure{with, off, quiet, reached} {
		if !f.ok() {
			return notHere, "Not all that the rule needs was measured: " + f.why() + "."
		}
	}
	if reached.Value < 0.95*decidedRate {
		return notHere, fmt.Sprintf("Go allocated only %.0f MB/s, not %d.", reached.Value, decidedRate)
	}
	overOff, overQuiet := with.Value-off.Value, with.Value-quiet.Value
	var because said
	because.add("At %d MB/s Go's p99.9 is %s. With the collector off it is %s, and without allocation %s.",
		decidedRate, with.Text(), off.Text(), quiet.Text())
	for _, other := range []string{"Python threads", "Rust threads"} {
		if f := of(figures, latenessName(decidedRate), other); f.ok() {
			because.add("%s: %s.", other, f.Text())
		}
	}
	switch {
	case overOff <= mostAdded && overQuiet <= mostAdded:
		return holds, because.String()
	case overOff <= mostAdded || overQuiet <= mostAdded:
		return inPart, because.String()
	}
	return fails, because.String()
}
