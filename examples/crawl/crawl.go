package main

import (
	"context"
	"net/http"
	"net/url"
	"runtime"
	"time"

	"github.com/braidgo/braid/pipeline"
)

// crawl is a visit to one site or several.
//
//	         ┌──────────────────────── URLs ────────────────────────┐
//	         ▼                                                      │
//	host: queue ─▶ workers ─▶ robots.txt? ─▶ turn ─▶ GET ─┐         │
//	host: queue ─▶ workers ─▶ robots.txt? ─▶ turn ─▶ GET ─┴▶ parse ─▶ note
//	                                                        workers
//
// The four packages, each where it is at home:
//
//   - workerpool: a pool for each host. What there is to fetch comes bit by bit, from what
//     was fetched before, for as long as the crawl goes on. A host that is slow has its own
//     workers wait, and nobody else's.
//   - ratelimit: a host's turn is given by a Limiter, how often, and an Adaptive, how many
//     at once (host.go).
//   - fanout: a Flight fetches a robots.txt, for which all workers of its host ask at
//     first (robots.go).
//   - pipeline: it leads from all the pools to one goroutine, which knows what was seen
//     and needs no lock for that. And since fetching waits while parsing computes, parse
//     has as many workers as there are processors, whatever the hosts have.
//
// In a circle, whoever waits may be waiting for himself. Here note waits for nobody: a
// host's queue has room for all pages that will ever be fetched.
type crawl struct {
	options
	base    *http.Transport
	hosts   map[string]*host // by name; nobody changes it any more when it runs
	get     func(context.Context, *url.URL) (reply, error)
	robots  robots
	answers chan answer // from the workers of all hosts
	stages  pipeline.Report

	frontier // note's own
}

// answer is what has become of a page that a worker was given.
type answer struct {
	page   *page
	at     *url.URL // of the page
	failed error
	barred string // by robots.txt; then it was not asked for
	reply

	// What parse makes of it.
	moved     *link  // where it redirects to, if that may be visited
	links     []link // each once
	elsewhere int    // links to what may not be visited
}

func newCrawl(o options, base *http.Transport) *crawl {
	c := &crawl{options: o, base: base, hosts: map[string]*host{}, answers: make(chan answer)}
	c.frontier = frontier{mostDepth: o.depth, mostPages: o.pages, known: map[string]*page{}}
	for _, start := range o.urls {
		o.hosts = append(o.hosts, start.Host)
	}
	for _, name := range o.hosts {
		if c.hosts[name] == nil {
			c.hosts[name] = newHost(name, o, base)
		}
	}
	c.get = pipeline.Retry(c.getOnce, pipeline.Backoff{Attempts: 2, Base: time.Second, If: worthAnother})
	return c
}

// run returns when everything was fetched that is to be, or ctx is done.
func (c *crawl) run(ctx context.Context) error {
	defer c.close()
	c.ask = func(p *page) {
		// An error says that ctx is done, which ends the run.
		_ = c.hosts[p.host].pool.Submit(ctx, func(ctx context.Context) { c.visit(ctx, p) })
	}
	for _, start := range c.urls {
		c.begin(start)
	}
	parsed := pipeline.Map(pipeline.FromChan(c.answers), c.parse,
		pipeline.Name("parse"), pipeline.Workers(runtime.GOMAXPROCS(0)), pipeline.Unordered())
	return pipeline.ForEach(ctx, pipeline.Observe(parsed, &c.stages), func(_ context.Context, a answer) error {
		c.note(a)
		if c.pending == 0 {
			close(c.answers) // nobody has anything to send, and nobody will
		}
		return nil
	}, pipeline.Name("note"))
}

// close cancels what is still being fetched, and waits for its end.
func (c *crawl) close() {
	for _, h := range c.hosts {
		h.pool.Close()
	}
	c.robots.flight.Close()
	c.base.CloseIdleConnections()
}

// visit is a worker's task.
func (c *crawl) visit(ctx context.Context, p *page) {
	a := c.fetch(ctx, p)
	select {
	case c.answers <- a: // parse takes it
	case <-ctx.Done(): // nobody takes it: the run has ended early
	}
}

func (c *crawl) fetch(ctx context.Context, p *page) answer {
	a := answer{page: p}
	if a.at, a.failed = url.Parse(p.url); a.failed != nil {
		return a
	}
	var rules *rules
	if rules, a.failed = c.rulesFor(ctx, a.at); a.failed != nil {
		return a
	}
	if a.barred = rules.bars(a.at); a.barred == "" {
		a.reply, a.failed = c.get(ctx, a.at)
		c.hosts[p.host].count(a.failed)
	}
	return a
}
