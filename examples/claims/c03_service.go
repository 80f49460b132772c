package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// c03 runs the REST services: restapi in Go, python (Django behind gunicorn) and rust (axum).
var c03 = claim{
	ID:       3,
	Text:     "Go is the boost in performance for where Python and Django are not enough",
	Document: "000",
	Rule: "Go is ahead of Django in requests per second of processor time in every interleaved round, on both routes, with SQL and without. " +
		"Ahead on one of them: in part.",
	Twins: []string{"go", "python", "rust"},
	Cost:  8 * time.Minute, Quick: 70 * time.Second,
	Run: measureServices,
}

// route is one that is measured.
type route struct{ Name, Path string }

var (
	withSQL    = route{"GET /books/{id}", "/books/%d"}
	withoutSQL = route{"GET /healthz, without SQL", "/healthz"}
)

const (
	catalogued = 5000 // books: what SQLite keeps in its page cache, so that the disk is not measured
	answering  = 64   // connections
)

// The figures of the experiment; %s is a route.
const (
	perCPU       = "%s: requests per second of the service's processor time"
	aheadOf      = "%s: requests per second of processor time, Go to %s in each round"
	highest      = "%s: highest rate sustained"
	medianAtRate = "%s: median latency at a common rate"
	tailAtRate   = "%s: 99th percentile of latency at a common rate"
	memoryUsed   = "memory after all of it"
	driverShare  = "%s: share of processor time in the SQL driver"
)

func measureServices(ctx context.Context, l *lab) (o outcome) {
	services, absent := l.serveAll(ctx, wanted{Books: catalogued})
	defer func() {
		for _, s := range services {
			_ = s.stop()
		}
	}()
	for _, r := range []route{withSQL, withoutSQL} {
		o.Figures = append(o.Figures, l.measureRoute(ctx, r, services, absent)...)
	}
	for _, s := range services {
		if u, err := usedBy(s.Group); err != nil {
			o.Figures = append(o.Figures, missing(memoryUsed, names[s.Language], err.Error()))
		} else {
			o.Figures = append(o.Figures, one(memoryUsed, names[s.Language], float64(u.Memory), "bytes"))
		}
	}
	o.Figures = append(o.Figures, l.driverShare(ctx))
	o.Verdict, o.Because = judgeServices(o.Figures)
	o.Plot = plotServices(o.Figures)
	o.Notes = []string{
		"Sustained means " + sustainedMeans + ".",
		"Requests per second of processor time are counted while each service gets four fifths of the highest rate that it sustains; user and " +
			"system time of all of the service's processes, from /proc.",
		fmt.Sprintf("The services share the cores with the load. There are %d books in the catalogue, and %d connections.", catalogued, answering),
		"Memory is the proportional set size of all processes of the service: a page that gunicorn's workers share counts once.",
	}
	o.Err = failed(services, o.Figures)
	return o
}

// serveAll starts the services that can be had. The others are absent, with the reason.
func (l *lab) serveAll(ctx context.Context, w wanted) (services []*endpoint, absent map[string]string) {
	absent = map[string]string{}
	for _, language := range []string{"go", "python", "rust"} {
		if why := l.HasService(language); why != "" {
			absent[language] = why
			continue
		}
		w.Language = language
		s, err := l.Serve(ctx, w)
		if err != nil {
			absent[language] = err.Error()
			l.Logf("%s: %v", names[language], err)
			continue
		}
		services = append(services, s)
	}
	return services, absent
}

// measureRoute finds what each service sustains on a route, then drives them in turn.
func (l *lab) measureRoute(ctx context.Context, r route, services []*endpoint, absent map[string]string) (figures []figure) {
	seconds := time.Second
	o := load{Route: r.Path, Books: catalogued, For: time.Duration(l.Size(3, 1)) * seconds, AtOnce: answering, Within: seconds}
	for language, why := range absent {
		figures = append(figures, missing(fmt.Sprintf(perCPU, r.Name), names[language], why))
	}
	slices.SortFunc(figures, func(a, b figure) int { return strings.Compare(a.Language, b.Language) })

	var able []*endpoint
	rates := map[string]int{}
	slowest := 0
	for _, s := range services {
		rate, err := s.capacity(ctx, o, l.Size(6, 3))
		if err != nil {
			figures = append(figures, missing(fmt.Sprintf(perCPU, r.Name), names[s.Language], err.Error()))
			continue
		}
		figures = append(figures, one(fmt.Sprintf(highest, r.Name), names[s.Language], float64(rate), "requests/s"))
		rates[s.Language] = rate
		if slowest == 0 || rate < slowest {
			slowest = rate
		}
		able = append(able, s)
	}

	// Each contender is one number of one service. Those that come of the same drive follow each other: the first drives.
	o.For = time.Duration(l.Size(5, 1)) * seconds
	var contenders []func() (float64, error)
	perCPUOf := map[string]float64{}
	for _, s := range able {
		var atRate driven
		contenders = append(contenders,
			func() (float64, error) {
				own := o
				own.Rate = rates[s.Language] * 4 / 5
				d, err := s.drive(ctx, own)
				perCPUOf[s.Language] = d.PerCPUSecond()
				return d.PerCPUSecond(), err
			},
			func() (float64, error) { return perCPUOf["go"] / perCPUOf[s.Language], nil },
			func() (_ float64, err error) {
				common := o
				common.Rate = max(1, slowest/2)
				atRate, err = s.drive(ctx, common)
				return atRate.P50, err
			},
			func() (float64, error) { return atRate.P99, nil },
		)
	}
	if len(able) == 0 {
		return figures
	}
	all := l.Interleave(ctx, l.Size(5, 3), contenders)
	for i, s := range able {
		name := names[s.Language]
		figures = append(figures, all[4*i].Figure(fmt.Sprintf(perCPU, r.Name), name, "requests/CPU-s"))
		if s.Language != "go" && rates["go"] > 0 {
			figures = append(figures, all[4*i+1].Figure(fmt.Sprintf(aheadOf, r.Name, name), names["go"], "×"))
		}
		figures = append(figures,
			all[4*i+2].Figure(fmt.Sprintf(medianAtRate, r.Name), name, "ns"),
			all[4*i+3].Figure(fmt.Sprintf(tailAtRate, r.Name), name, "ns"))
	}
	return figures
}

// judgeServices is the rule: Go ahead of Django in every round, on both routes.
func judgeServices(figures []figure) (verdict, string) {
	ahead := 0
	var parts []string
	for _, r := range []route{withSQL, withoutSQL} {
		f := of(figures, fmt.Sprintf(aheadOf, r.Name, names["python"]), names["go"])
		if !f.ok() {
			for _, needed := range []string{"go", "python"} { // whose absence is the reason, if one is
				if own := of(figures, fmt.Sprintf(perCPU, r.Name), names[needed]); !own.ok() {
					return notHere, own.why() + "."
				}
			}
			return notHere, f.why() + "."
		}
		if f.Low > 1 {
			ahead++
		}
		part := fmt.Sprintf("%s: %s times as many requests per second of processor time as Django (%s to %s)",
			r.Name, number(f.Value), number(f.Low), number(f.High))
		if rust := of(figures, fmt.Sprintf(aheadOf, r.Name, names["rust"]), names["go"]); rust.ok() {
			part += fmt.Sprintf(", and %s times as many as axum", number(rust.Value))
		}
		parts = append(parts, part)
	}
	return []verdict{fails, inPart, holds}[ahead], strings.Join(parts, ". ") + "."
}

func plotServices(figures []figure) *plot {
	p := plot{Title: "Requests per second of the service's processor time", Unit: ""}
	for _, r := range []route{withSQL, withoutSQL} {
		for _, language := range []string{"go", "python", "rust"} {
			if f := of(figures, fmt.Sprintf(perCPU, r.Name), names[language]); f.Missing == "" {
				p.Bars = append(p.Bars, bar{r.Name, f.Language, f.Value})
			}
		}
	}
	if len(p.Bars) == 0 {
		return nil
	}
	p.Words = inWords(p.Bars, "")
	return &p
}

// inWords says what a bar chart shows: for each label its bars, the longest first.
func inWords(bars []bar, unit string) string {
	var sentences []string
	for i := 0; i < len(bars); {
		j := i
		for j < len(bars) && bars[j].Label == bars[i].Label {
			j++
		}
		same := slices.Clone(bars[i:j])
		slices.SortStableFunc(same, func(a, b bar) int { return int(b.Value - a.Value) })
		var parts []string
		for _, b := range same {
			parts = append(parts, fmt.Sprintf("%s %s", b.Language, show(b.Value, unit)))
		}
		sentences = append(sentences, fmt.Sprintf("%s, from the most: %s.", bars[i].Label, strings.Join(parts, ", ")))
		i = j
	}
	return strings.Join(sentences, " ")
}

// failed is what went wrong with services that did start.
func failed(services []*endpoint, figures []figure) error {
	for _, s := range services {
		for _, f := range figures {
			if f.Language == names[s.Language] && f.Missing != "" {
				return fmt.Errorf("%s: %s", f.Language, f.Missing)
			}
		}
	}
	return nil
}
