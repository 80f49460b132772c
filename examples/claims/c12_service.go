package main

import (
	"context"
	"fmt"
	"time"

	"github.com/braidgo/braid/fanout"
)

// The service's part of claim 12: one service on all cores against as many independent ones as
// there are cores, each on its own, which get the same load between them. Both share the cores
// with the load, so what is compared is requests per second of the services' processor time:
// what waiting for each other costs within one service shows there.
const (
	oneService  = "GET /books/{id} on all cores: requests per second of processor time"
	independent = "GET /books/{id}, a service on each core: requests per second of processor time"
	// serviceScales is what the rule of the claim goes by.
	serviceScales = "the REST service on all cores, divided by independent ones"
)

// scaleService measures it. An error is one of what could have run.
func (l *lab) scaleService(ctx context.Context) (figures []figure, err error) {
	all := cores()
	why := l.HasService("go")
	if why == "" && len(all) < 2 {
		why = fmt.Sprintf("there are %d cores to choose from", len(all))
	}
	if why != "" {
		return []figure{missing(serviceScales, "Go", why)}, nil
	}
	var services []*endpoint
	defer func() {
		for _, s := range services {
			_ = s.stop()
		}
	}()
	serve := func(cpus ...int) error {
		s, err := l.Serve(ctx, wanted{Language: "go", Books: catalogued, CPUs: cpus})
		if err == nil {
			services = append(services, s)
		}
		return err
	}
	err = serve(all...)
	for _, core := range all {
		if err == nil {
			err = serve(core)
		}
	}
	if err != nil {
		return []figure{missing(serviceScales, "Go", err.Error())}, err
	}
	o := load{
		Route:  withSQL.Path,
		Books:  catalogued,
		Rate:   everything,
		For:    time.Duration(l.Size(5, 1)) * l.Second,
		Within: time.Second,
	}

	// drive puts the load on some services, each an equal part of it.
	drive := func(some []*endpoint) (float64, error) {
		part := o
		part.AtOnce = answering / len(some)
		driven, err := fanout.Map(ctx, len(some), some,
			func(ctx context.Context, s *endpoint) (driven, error) { return s.drive(ctx, part) })
		var answers int
		var used time.Duration
		for _, d := range driven {
			answers += d.Good + d.Late
			used += d.CPU
		}
		return float64(answers) / used.Seconds(), err
	}
	var one, many float64
	rounds := l.Interleave(ctx, l.Size(5, 3), []func() (float64, error){
		func() (_ float64, err error) { one, err = drive(services[:1]); return one, err },
		func() (_ float64, err error) { many, err = drive(services[1:]); return many, err },
		func() (float64, error) { return one / many, nil },
	})
	return []figure{
		rounds[0].Figure(oneService, "Go", "requests/CPU-s"),
		rounds[1].Figure(independent, "Go", "requests/CPU-s"),
		rounds[2].Figure(serviceScales, "Go", "×"),
	}, unlimited(rounds[0].Err, rounds[1].Err)
}
