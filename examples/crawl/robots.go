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
	"github.com/braidgo/braid/ratelimit"
)

const (
	agent        = "braid-crawl" // who asks, for logs and for robots.txt
	robotsPath   = "/robots.txt"
	robotsHops   = 5 // redirects that are followed, and bytes that are read, as RFC 9309 wants
	robotsRead   = 500 << 10
	longestDelay = time.Minute // that a robots.txt can have between two requests
)

// robots keeps the rules of the hosts. The first page of a host asks for its robots.txt,
// and so do all others that come before the answer. With the Flight they wait
// together, and it is fetched once. A Flight forgets what it has brought; known does not.
type robots struct {
	flight fanout.Flight[string, *rules]
	known  sync.Map // *rules by origin, which is scheme, host and port
}

// rules are those of a robots.txt.
type rules struct {
	*robotstxt.RobotsData
	unknown error // why it could not be read; then everything is forbidden
}

// barred is the error of a page that was not asked for.
type barred string

func (b barred) Error() string { return string(b) }

// permit returns an error if u must not be asked for, or ctx is done.
func (c *crawl) permit(ctx context.Context, u *url.URL) error {
	origin := u.Scheme + "://" + u.Host
	r, _, err := c.robots.flight.Do(ctx, origin, func(ctx context.Context) (*rules, error) {
		if r, ok := c.robots.known.Load(origin); ok {
			return r.(*rules), nil
		}
		r := c.readRules(ctx, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: robotsPath})
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		c.robots.known.Store(origin, r)
		return r, nil
	})
	switch {
	case err != nil:
		return err
	case r.unknown != nil:
		return barred("robots.txt cannot be read: " + r.unknown.Error())
	case !r.TestAgent(u.RequestURI(), agent):
		return barred("robots.txt forbids it")
	}
	return nil
}

// readRules fetches a robots.txt. Who has none forbids nothing, who cannot be asked for
// it everything.
func (c *crawl) readRules(ctx context.Context, at *url.URL) *rules {
	ctx = context.WithValue(ctx, anyKind{}, true)
	h := c.hosts[at.Host]
	for range 1 + robotsHops {
		got, err := c.get(ctx, at)
		s, answered := errors.AsType[status](err)
		switch {
		case err != nil && (!answered || s.busy() || s >= 500):
			return &rules{unknown: err}
		case err == nil && got.location != "":
			if at, err = canonical(at, got.location); err == nil && c.hosts[at.Host] == nil {
				err = fmt.Errorf("it is at %s, where the crawl does not go without -hosts", at.Host)
			}
			if err != nil {
				return &rules{unknown: err}
			}
			continue
		case err == nil:
			s = http.StatusOK
		}
		data, err := robotstxt.FromStatusAndBytes(int(s), got.body[:min(len(got.body), robotsRead)])
		if err == nil {
			h.slowDown(data.FindGroup(agent).CrawlDelay, c.gap())
		}
		return &rules{data, err}
	}
	return &rules{unknown: fmt.Errorf("more than %d redirects", robotsHops)}
}

// slowDown leaves more than the usual time between two requests, if a robots.txt wants that.
func (h *host) slowDown(delay, usual time.Duration) {
	if delay < 0 || delay > longestDelay { // negative is what was too long for a Duration
		delay = longestDelay
	}
	if delay > usual {
		h.limiter.SetLimit(ratelimit.Every(delay), 1)
	}
}
