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
//   - ratelimit: whose turn it is at a host, a Limiter says, how often, and an Adaptive, how
//     many at once. Between them is httplimit.Transport, which heeds Retry-After (host.go).
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
	hosts   map[string]*host // by name; nobody changes it while it runs
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
	failed error    // why there is no reply
	reply

	// What parse makes of it.
	moved     *link  // where it redirects to, if that may be visited
	links     []link // each once
	elsewhere int    // links to what may not be visited
	read      int
	cut       bool // not all of it was read
}

func newCrawl(o options, base *http.Transport) *crawl {
	c := &crawl{options: o, base: base, hosts: map[string]*host{}, answers: make(chan answer)}
	c.get = pipeline.Retry(c.ask, pipeline.Backoff{Attempts: 2, Base: time.Second, If: worthAnother})
	c.frontier = frontier{mostDepth: o.depth, mostPages: o.pages, known: map[string]*page{}}
	for _, u := range o.urls {
		o.hosts = append(o.hosts, u.Host)
	}
	for _, name := range o.hosts {
		if c.hosts[name] == nil {
			c.hosts[name] = newHost(name, o, base)
		}
	}
	return c
}

// run returns when all is fetched that is to be, or ctx is done.
func (c *crawl) run(ctx context.Context) error {
	defer c.close()
	c.give = func(p *page) {
		h := c.hosts[p.host]
		// It fails when ctx is done, which ends the run.
		_ = h.pool.Submit(ctx, func(ctx context.Context) { c.visit(ctx, h, p) })
	}
	for _, u := range c.urls {
		c.begin(u)
	}
	parsed := pipeline.Map(pipeline.FromChan(c.answers), c.parse,
		pipeline.Name("parse"), pipeline.Workers(runtime.GOMAXPROCS(0)), pipeline.Unordered())
	return pipeline.ForEach(ctx, pipeline.Observe(parsed, &c.stages), func(_ context.Context, a answer) error {
		if c.note(a); a.page.trouble() != "" {
			c.hosts[a.page.host].broken.Add(1)
		}
		if c.pending == 0 {
			close(c.answers) // nobody has anything to send any more
		}
		return nil
	})
}

// close cancels what is being fetched, and waits for the end of it.
func (c *crawl) close() {
	for _, h := range c.hosts {
		h.pool.Close()
	}
	c.base.CloseIdleConnections()
}

// visit is a worker's task.
func (c *crawl) visit(ctx context.Context, h *host, p *page) {
	a := answer{page: p}
	if a.at, a.failed = url.Parse(p.url); a.failed == nil {
		a.failed = c.permit(ctx, a.at)
	}
	if a.failed == nil {
		a.reply, a.failed = c.get(ctx, a.at)
	}
	h.pool.Resize(h.atOnce.Limit()) // so that hardly more come past the limiter than the Adaptive lets in
	if ctx.Err() != nil {
		return // that it was cut short says nothing about the page
	}
	select {
	case c.answers <- a: // parse takes it
	case <-ctx.Done(): // nobody takes it: the run has ended
	}
}
