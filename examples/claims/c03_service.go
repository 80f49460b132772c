package main

import (
	"cmp"
	"context"
	"errors"
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
	Rule: "Go is ahead of Django in requests per second of processor time in every interleaved round, on both " +
		"routes, with SQL and without. Ahead on one of them: in part.",
	Twins: []string{"go", "python", "rust"},
	Cost:  8 * time.Minute, Quick: 55 * time.Second,
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
	sqlShare     = "%s: share of processor time in the SQL driver and database/sql"
)

func measureServices(ctx context.Context, l *lab) (o outcome) {
	services, absent, err := l.serveAll(ctx, wanted{Books: catalogued})
	o.Err = err
	defer func() {
		for _, s := range services {
			_ = s.stop()
		}
	}()
	for _, r := range []route{withSQL, withoutSQL} {
		figures, err := l.measureRoute(ctx, r, services, absent)
		o.Figures, o.Err = append(o.Figures, figures...), errors.Join(o.Err, err)
	}
	for _, s := range services {
		if u, err := usedBy(s.Group); err != nil {
			o.Figures = append(o.Figures, missing(memoryUsed, names[s.Language], err.Error()))
		} else {
			o.Figures = append(o.Figures, one(memoryUsed, names[s.Language], float64(u.Memory), "bytes"))
		}
	}
	shares, err := l.driverShares(ctx)
	o.Figures, o.Err = append(o.Figures, shares...), errors.Join(o.Err, err)
	o.Verdict, o.Because = judgeServices(o.Figures)
	o.Plot = plotServices(o.Figures)
	o.Notes = []string{
		"Sustained means " + sustainedMeans + ".",
		"Requests per second of processor time are counted while all connections ask again as soon as they have an " +
			"answer: at lower rates each request costs more, because the service goes to sleep between them. User and " +
			"system time of all of the service's processes, from /proc.",
		fmt.Sprintf(
			"The services share the cores with the load. There are %d books in the catalogue, and %d connections.",
			catalogued, answering),
		"Memory is the proportional set size of all processes of the service: a page that gunicorn's workers share " +
			"counts once.",
	}
	if f := of(o.Figures, fmt.Sprintf(driverShare, withSQL.Name), names["go"]); f.ok() {
		o.Notes = append(o.Notes, fmt.Sprintf("On %s the SQL driver takes %s of the Go service's processor time: "+
			"it is SQLite, "+
			"translated from C to Go. Rust and Python run the C original. That part measures the driver and not "+
			"net/http or "+
			"goroutines; the route without SQL is free of it. A run leaves the profile beside its report: %s.",
			withSQL.Name, f.Text(), profileName))
	}
	return o
}

// serveAll starts the services that can be had. The others are absent, with the reason; err is
// that of those which could have run.
func (l *lab) serveAll(ctx context.Context, w wanted) (services []*endpoint, absent map[string]string, err error) {
	absent = map[string]string{}
	for _, language := range []string{"go", "python", "rust"} {
		if why := l.HasService(language); why != "" {
			absent[language] = why
			continue
		}
		w.Language = language
		s, failed := l.Serve(ctx, w)
		if failed != nil {
			absent[language] = failed.Error()
			err = errors.Join(err, fmt.Errorf("%s: %w", names[language], failed))
			continue
		}
		services = append(services, s)
	}
	return services, absent, err
}

// errLimit is what ends a measurement that is not the experiment's failure.
var errLimit = errors.New("a limit of this machine")

// unlimited drops the errors that are a limit of the machine.
func unlimited(errs ...error) error {
	return errors.Join(slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, errLimit) })...)
}

// measureRoute finds what each service sustains on a route, then drives them in turn.
func (l *lab) measureRoute(
	ctx context.Context,
	r route,
	services []*endpoint,
	absent map[string]string,
) (figures []figure, err error) {
	o := load{
		Route:  r.Path,
		Books:  catalogued,
		For:    time.Duration(l.Size(3, 1)) * l.Second,
		AtOnce: answering,
		Within: time.Second,
	}
	for _, language := range []string{"go", "python", "rust"} {
		if why := absent[language]; why != "" {
			figures = append(figures, missing(fmt.Sprintf(perCPU, r.Name), names[language], why))
		}
	}

	var able []*endpoint
	can := map[string]capable{}
	common := 0 // the rate at which latencies are compared: half of what the slowest sustains
	for _, s := range services {
		c, failed := s.capacity(ctx, o, l.Size(6, 2))
		if failed != nil {
			figures = append(figures, missing(fmt.Sprintf(perCPU, r.Name), names[s.Language], failed.Error()))
			err = errors.Join(err, fmt.Errorf("%s: %w", names[s.Language], failed))
			continue
		}
		rate := one(fmt.Sprintf(highest, r.Name), names[s.Language], float64(c.Sustained), "requests/s")
		if c.Sustained == 0 {
			rate = missing(rate.Name, rate.Language,
				"sustained none of the rates that were tried: the machine is too busy")
		}
		figures = append(figures, rate)
		can[s.Language] = c
		if half := max(1, cmp.Or(c.Sustained, c.Most)/2); common == 0 || half < common {
			common = half
		}
		able = append(able, s)
	}

	// Each contender is one number of one service. Those that come of the same drive follow each other: the first
	// drives.
	o.For = time.Duration(l.Size(5, 1)) * l.Second
	var contenders []func() (float64, error)
	perCPUOf := map[string]float64{}
	for _, s := range able {
		var atRate driven
		contenders = append(contenders,
			func() (float64, error) {
				own := o
				own.Rate = everything
				d, err := s.drive(ctx, own)
				perCPUOf[s.Language] = d.PerCPUSecond()
				return d.PerCPUSecond(), err
			},
			func() (float64, error) { return perCPUOf["go"] / perCPUOf[s.Language], nil },
			func() (_ float64, err error) {
				same := o
				same.Rate = common
				atRate, err = s.drive(ctx, same)
				return atRate.P50, err
			},
			func() (float64, error) { return atRate.P99, nil },
		)
	}
	if len(able) == 0 {
		return figures, err
	}
	all := l.Interleave(ctx, l.Size(5, 3), contenders)
	for i, s := range able {
		name := names[s.Language]
		figures = append(figures, all[4*i].Figure(fmt.Sprintf(perCPU, r.Name), name, "requests/CPU-s"))
		if s.Language != "go" && can["go"].Most > 0 {
			figures = append(figures, all[4*i+1].Figure(fmt.Sprintf(aheadOf, r.Name, name), names["go"], "×"))
		}
		figures = append(figures,
			all[4*i+2].Figure(fmt.Sprintf(medianAtRate, r.Name), name, "ns"),
			all[4*i+3].Figure(fmt.Sprintf(tailAtRate, r.Name), name, "ns"))
		err = errors.Join(err, unlimited(all[4*i].Err, all[4*i+2].Err))
	}
	return figures, err
}

// judgeServices is the rule: Go ahead of Django in every round, on both routes.
func judgeServices(figures []figure) (verdict, string) {
	ahead := 0
	var parts []string
	for _, r := range []route{withSQL, withoutSQL} {
		f := of(figures, fmt.Sprintf(aheadOf, r.Name, names["python"]), names["go"])
		if !f.ok() {
			own := fmt.Sprintf(perCPU, r.Name)
			return notHere, reason(f, of(figures, own, names["go"]), of(figures, own, names["python"]))
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
