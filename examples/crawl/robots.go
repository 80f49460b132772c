package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/temoto/robotstxt"

	"github.com/braidgo/braid/fanout"
)

const (
	robotsPath   = "/robots.txt"
	mostRules    = 500 << 10   // bytes of it that are read, as RFC 9309 wants
	robotsMoves  = 5           // how many redirects are followed, as well
	longestDelay = time.Minute // that a robots.txt can ask for between two requests
)

// robots keeps the rules of the hosts. The first page of a host asks for its
// robots.txt, and so do all others that come before the answer is there. With the
// Flight they ask together: it is fetched once, and whoever is cancelled leaves the rest
// waiting. A Flight forgets what it has brought; known does not.
type robots struct {
	flight fanout.Flight[string, *rules]
	known  sync.Map // *rules by origin: scheme, host and port
}

// rules are those of a robots.txt.
type rules struct {
	*robotstxt.RobotsData
	unknown error // why they could not be read; then all is forbidden
}

// bars says why u must not be asked for. It is empty if it may.
func (r *rules) bars(u *url.URL) string {
	switch {
	case r.unknown != nil:
		return fmt.Sprintf("no robots.txt: %v", r.unknown)
	case !r.TestAgent(u.RequestURI(), agent):
		return "robots.txt forbids it"
	}
	return ""
}

// delay is what there is to be between two requests.
func (r *rules) delay() time.Duration {
	d := r.FindGroup(agent).CrawlDelay
	if d < 0 || d > longestDelay { // what is too long for a Duration is negative
		d = longestDelay
	}
	return d
}

// rulesFor returns the rules for u, read when they are needed for the first time.
func (c *crawl) rulesFor(ctx context.Context, u *url.URL) (*rules, error) {
	origin := u.Scheme + "://" + u.Host
	r, _, err := c.robots.flight.Do(ctx, origin, func(ctx context.Context) (*rules, error) {
		if known, ok := c.robots.known.Load(origin); ok {
			return known.(*rules), nil
		}
		r := c.readRules(ctx, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: robotsPath})
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		c.robots.known.Store(origin, r)
		if r.unknown == nil {
			c.hosts[u.Host].slowDown(r.delay(), c.pace)
		}
		return r, nil
	})
	return r, err
}

// readRules fetches a robots.txt. Who has none, forbids nothing; who cannot be asked
// for it, all.
func (c *crawl) readRules(ctx context.Context, at *url.URL) *rules {
	for range 1 + robotsMoves {
		got, err := c.get(ctx, at)
		said, answered := errors.AsType[status](err)
		switch {
		case err == nil && got.location != "":
			if at, err = canonical(at, got.location); err == nil && c.hosts[at.Host] == nil {
				err = fmt.Errorf("it is at %s, which is not to be visited", at.Host)
			}
			if err != nil {
				return &rules{unknown: err}
			}
			continue
		case err == nil:
			said = http.StatusOK
		case !answered || said.busy() || said >= 500:
			return &rules{unknown: err}
		}
		data, err := robotstxt.FromStatusAndBytes(int(said), got.body)
		return &rules{data, err}
	}
	return &rules{unknown: fmt.Errorf("more than %d redirects", robotsMoves)}
}
