package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// c13 runs the REST services as c03 does, and Go's once more with its limits: httplimit, which
// answers 429 to what is too much, and a bound on the requests that use SQL.
var c13 = claim{
	ID:       13,
	Text:     "Python “struggles with high concurrency” and “can crash under massive load”",
	Document: "002",
	Rule: "Offered four times what it can do, Go still answers at least 80 % as many requests in time as at its " +
		"peak, and Django does not. One of the two, or Go only with its limits: in part.",
	Twins: []string{"go", "python", "rust"},
	Cost:  9 * time.Minute, Quick: 40 * time.Second,
	Run: measureOverload,
}

// keeps is the share of the peak that is still answered in time under overload, for "keeps up".
const keeps = 0.8

// overloaded is the route: one of several queries, so that the load can be a multiple of what the
// services can do, while it is within what its own process can do.
var overloaded = route{"GET /books/{id}/summary", "/books/%d/summary"}

// scanned is how many books there are. An answer reads all of them, so that four times what a service can do
// is still few enough requests for one core to send, each on a connection of its own.
const scanned = 40_000

// The figures; %s is a multiple of the capacity.
const (
	capacityOf = "capacity: answers to 64 connections that ask again at once"
	goodput    = "answered within 1 s, offered %s × the capacity"
	tail       = "99th percentile of latency, offered %s × the capacity"
	refusedAt  = "refused with 429 or 503, offered %s × the capacity"
	lostAt     = "wrong or without an answer in time, offered %s × the capacity"
	kept       = "share of its peak that is answered within 1 s, offered 4 × the capacity"
)

const goLimited = "Go with httplimit"

// contender is a service under overload.
type contender struct {
	*endpoint
	name     string
	start    wanted
	capacity int
	troubles []string // what it did not survive; it was started again
}

func measureOverload(ctx context.Context, l *lab) (o outcome) {
	multiples := []float64{0.5, 0.8, 1, 1.5, 2, 3, 4}
	if l.Quick {
		multiples = []float64{0.8, 4}
	}
	service, loading := apart()
	services, absent, err := l.serveAll(ctx, wanted{Books: scanned, CPUs: service})
	o.Err = err
	defer func() {
		for _, s := range services {
			_ = s.stop()
		}
	}()
	for _, language := range []string{"go", "python", "rust"} {
		if why := absent[language]; why != "" {
			o.Figures = append(o.Figures, missing(capacityOf, names[language], why))
		}
	}
	var contenders []*contender
	for _, s := range services {
		c := &contender{endpoint: s, name: names[s.Language],
			start: wanted{Language: s.Language, Books: scanned, CPUs: service}}
		if err := c.measureCapacity(ctx, l, loading); err != nil {
			o.Figures = append(o.Figures, missing(capacityOf, c.name, err.Error()))
			o.Err = errors.Join(o.Err, fmt.Errorf("%s: %w", c.name, err))
			continue
		}
		contenders = append(contenders, c)
		if s.Language == "go" {
			// All the load comes from one address, so it is one client to httplimit.
			start := c.start
			start.Flags = []string{"-limit", fmt.Sprint(c.capacity * 9 / 10)}
			limited, err := l.Serve(ctx, start)
			if err != nil {
				o.Figures = append(o.Figures, missing(capacityOf, goLimited, err.Error()))
				o.Err = errors.Join(o.Err, fmt.Errorf("%s: %w", goLimited, err))
				continue
			}
			services = append(services, limited)
			contenders = append(contenders,
				&contender{endpoint: limited, name: goLimited, start: start, capacity: c.capacity})
		}
	}
	for _, c := range contenders {
		o.Figures = append(o.Figures, one(capacityOf, c.name, float64(c.capacity), "requests/s"))
	}
	figures, err := overload(ctx, l, contenders, multiples, loading)
	o.Figures, o.Err = append(o.Figures, figures...), errors.Join(o.Err, err)
	o.Verdict, o.Because = judgeOverload(o.Figures)
	o.Plot = plotOverload(contenders, multiples, o.Figures)
	o.Notes = []string{
		"The route is " + overloaded.Name + ". The clients know nothing of each other: a request is sent when it " +
			"is meant to be, whatever became of those before, and its client goes away after 1 s. The time in " +
			"which queues fill is not counted.",
		"The service runs on all cores but one, the load on that one, so that the load takes nothing from the " +
			"service.",
		"Go with httplimit may answer nine tenths of its capacity, and refuses the rest.",
	}
	for _, c := range contenders {
		for _, trouble := range c.troubles {
			o.Notes = append(o.Notes, c.name+" "+trouble+"; it was started again.")
		}
	}
	return o
}

// apart divides the cores between the service and the load. Where there is one, they share it.
func apart() (service []int, loading []int) {
	all := cores()
	if len(all) < 2 {
		return nil, nil
	}
	return all[:len(all)-1], all[len(all)-1:]
}

func (c *contender) measureCapacity(ctx context.Context, l *lab, loading []int) error {
	o := load{Route: overloaded.Path, Books: scanned, Rate: everything, AtOnce: answering, Within: time.Second,
		For: time.Duration(l.Size(4, 1)) * l.Second}
	d, err := c.drive(ctx, o, loading...)
	if err != nil {
		return err
	}
	if c.capacity = int(float64(d.Good+d.Late) / d.Seconds); c.capacity < 1 {
		return fmt.Errorf("answers nothing under load: %s", d.Example)
	}
	return c.settle(ctx)
}

// overload offers each contender each multiple of its capacity, in turn.
func overload(
	ctx context.Context,
	l *lab,
	contenders []*contender,
	multiples []float64,
	loading []int,
) (figures []figure, err error) {
	var all []func() (float64, error)
	for _, m := range multiples {
		for _, c := range contenders {
			var d driven
			all = append(all,
				func() (_ float64, err error) {
					d, err = c.offer(ctx, l, m, loading)
					return float64(d.Good) / d.Seconds, err
				},
				func() (float64, error) { return d.P99, nil },
				func() (float64, error) { return 100 * float64(d.Refused) / float64(d.Meant), nil },
				func() (float64, error) {
					return 100 * float64(d.Meant-d.Good-d.Refused) / float64(d.Meant), nil
				},
			)
		}
	}
	peaks := map[*contender]float64{}
	rounds := l.Interleave(ctx, l.Size(3, 1), all)
	for i, m := range multiples {
		at := number(m)
		for j, c := range contenders {
			s := rounds[4*(i*len(contenders)+j):]
			f := s[0].Figure(fmt.Sprintf(goodput, at), c.name, "requests/s")
			figures = append(figures, f)
			err = errors.Join(err, unlimited(s[0].Err))
			if f.Missing != "" {
				continue
			}
			peaks[c] = max(peaks[c], f.Value)
			figures = append(figures,
				s[1].Figure(fmt.Sprintf(tail, at), c.name, "ns"),
				s[2].Figure(fmt.Sprintf(refusedAt, at), c.name, "%"),
				s[3].Figure(fmt.Sprintf(lostAt, at), c.name, "%"))
		}
	}
	last := fmt.Sprintf(goodput, number(multiples[len(multiples)-1]))
	for _, c := range contenders {
		f := of(figures, last, c.name)
		if f.Missing == "" && peaks[c] == 0 {
			f = missing(kept, c.name, "answered nothing in time, at no rate")
		}
		if f.Missing == "" {
			percent := 100 / peaks[c]
			f.Value, f.Low, f.High, f.Unit = f.Value*percent, f.Low*percent, f.High*percent, "%"
		}
		f.Name = kept
		figures = append(figures, f)
	}
	return figures, err
}

// offer puts so many times its capacity on a service, and lets it recover.
func (c *contender) offer(ctx context.Context, l *lab, times float64, loading []int) (driven, error) {
	fill := 2 * l.Second // until queues are as long as clients have patience
	const most = 8000    // connections; each side needs a descriptor for each
	o := load{
		Route:  overloaded.Path,
		Books:  scanned,
		Within: time.Second,
		Skip:   fill,
		For:    fill + time.Duration(l.Size(6, 2))*l.Second,
	}
	o.Rate = max(1, int(times*float64(c.capacity)))
	o.AtOnce = min(most, openFiles()/2, max(answering, o.Rate*2))
	d, err := c.drive(ctx, o, loading...)
	if _, gone := usedBy(c.Group); gone != nil && ctx.Err() == nil {
		c.troubles = append(c.troubles, fmt.Sprintf("ended when it was offered %s × its capacity", number(times)))
		d.loaded = loaded{Meant: max(d.Meant, 1), Seconds: max(d.Seconds, 1)} // what it did before counts for nothing
		return d, c.restart(ctx, l)
	}
	if err != nil {
		return d, err
	}
	if late := time.Duration(d.Behind); late > o.Within/2 && d.AtOnce < o.AtOnce {
		return d, fmt.Errorf("the load's own process could not send %d requests/s, some were %v late: %w", o.Rate,
			late.Round(time.Millisecond), errLimit)
	}
	if err := c.settle(ctx); err != nil && ctx.Err() == nil {
		c.troubles = append(c.troubles, fmt.Sprintf("%v of being offered %s × its capacity", err, number(times)))
		return d, c.restart(ctx, l)
	}
	return d, ctx.Err()
}

// restart has the service run again, as it did at first, for the offers to come.
func (c *contender) restart(ctx context.Context, l *lab) error {
	_ = c.stop() // it may have ended, or not want to
	fresh, err := l.Serve(ctx, c.start)
	if err == nil {
		*c.endpoint = *fresh
	}
	return err
}

// openFiles is how many files a process may have open.
func openFiles() int {
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &r) != nil {
		return 1024 // what many systems allow
	}
	return int(min(r.Cur, 1<<20)) // beyond it makes no difference here
}

// judgeOverload is the rule: at four times its capacity Go keeps up, Django does not.
func judgeOverload(figures []figure) (verdict, string) {
	plain, django := of(figures, kept, names["go"]), of(figures, kept, names["python"])
	for _, f := range []figure{plain, django} {
		if !f.ok() {
			return notHere, reason(f, of(figures, capacityOf, f.Language))
		}
	}
	because := fmt.Sprintf("Offered four times their capacity, Go keeps %s %% of its peak, Django %s %%",
		number(plain.Value), number(django.Value))
	limited := of(figures, kept, goLimited)
	if limited.ok() {
		because += fmt.Sprintf("; Go with httplimit keeps %s %%", number(limited.Value))
	}
	if rust := of(figures, kept, names["rust"]); rust.ok() {
		because += fmt.Sprintf("; axum %s %%", number(rust.Value))
	}
	because += "."
	goKeeps, limitedKeeps, djangoFalls := plain.Value >= 100*keeps, limited.ok() &&
		limited.Value >= 100*keeps, django.Value < 100*keeps
	switch {
	case goKeeps && djangoFalls:
		return holds, because
	case goKeeps || limitedKeeps || djangoFalls:
		return inPart, because
	}
	return fails, because
}

func plotOverload(contenders []*contender, multiples []float64, figures []figure) *plot {
	p := plot{
		Title:  "Answered within 1 s, as a share of the capacity",
		Unit:   "%",
		XLabel: "offered, as a multiple of the capacity",
	}
	for _, c := range contenders {
		var l line
		l.Language = c.name
		for _, m := range multiples {
			if f := of(figures, fmt.Sprintf(goodput, number(m)), c.name); f.Missing == "" {
				l.X, l.Y = append(l.X, m), append(l.Y, 100*f.Value/float64(c.capacity))
			}
		}
		if len(l.X) > 0 {
			p.Lines = append(p.Lines, l)
			p.Words += fmt.Sprintf("%s answers %s %% of its capacity in time at %s ×, and %s %% at %s ×. ", c.name,
				number(l.Y[0]), number(l.X[0]), number(l.Y[len(l.Y)-1]), number(l.X[len(l.X)-1]))
		}
	}
	if len(p.Lines) == 0 {
		return nil
	}
	return &p
}
