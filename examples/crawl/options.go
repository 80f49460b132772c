package main

import (
	"flag"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/braidgo/braid/ratelimit"
)

// options are what the command line says.
type options struct {
	urls        []*url.URL
	hosts       []string // that may be visited, beside those of the starts
	depth       int
	pages       int
	pace        pace
	burst       int64
	concurrency int
	size        int64
	timeout     time.Duration
}

func (o *options) declare(flags *flag.FlagSet) {
	flags.IntVar(&o.depth, "depth", 4, "go `N` links away from the URLs")
	flags.IntVar(&o.pages, "pages", 1000, "fetch at most `N` pages")
	flags.Var(&o.pace, "rate", "ask a host at most `N` times a second, or N/DURATION (default 2; its own site 100)")
	flags.Int64Var(&o.burst, "burst", 5, "after a rest, ask it `N` times at once")
	flags.IntVar(&o.concurrency, "concurrency", 4, "wait for at most `N` answers of a host at once; for fewer when it gets slow")
	flags.Int64Var(&o.size, "size", 2<<20, "read the first `N` bytes of a page")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Second, "wait so `LONG` for an answer to end, from when it was asked for")
	flags.Func("hosts", "visit these `HOSTS`, too: names, with ports if need be, and commas between", func(s string) error {
		o.hosts = append(o.hosts, strings.Split(strings.ToLower(s), ",")...)
		return nil
	})
}

// check says what is wrong with o, and completes it.
func (o *options) check(urls []string) error {
	for _, flag := range []struct {
		name            string
		is, least, most int64
	}{
		{"depth", int64(o.depth), 0, 1000},
		{"pages", int64(o.pages), 1, 100_000},
		{"burst", o.burst, 1, 1000},
		{"concurrency", int64(o.concurrency), 1, 100},
		{"size", o.size, 1, 1 << 30},
	} {
		if flag.is < flag.least || flag.is > flag.most {
			return fmt.Errorf("-%s must be %d to %d, not %d", flag.name, flag.least, flag.most, flag.is)
		}
	}
	if o.timeout <= 0 {
		return fmt.Errorf("-timeout must be positive, not %v", o.timeout)
	}
	if slices.Contains(o.hosts, "") {
		return fmt.Errorf("-hosts has an empty name")
	}
	for _, s := range urls {
		start, err := canonical(new(url.URL), s)
		if err != nil {
			return fmt.Errorf("%q: %w", s, err)
		}
		o.urls = append(o.urls, start)
	}
	if o.pace == (pace{}) {
		o.pace = pace{2, time.Second}
		if o.urls == nil {
			o.pace = pace{100, time.Second}
		}
	}
	return nil
}

// pace is a rate that can be written on the command line, and compared with what a
// robots.txt says.
type pace struct {
	times int64
	per   time.Duration
}

func (p *pace) String() string { return "" } // no default that package flag should print

func (p *pace) Set(s string) (err error) {
	times, per, given := strings.Cut(s, "/")
	p.per = time.Second
	if given {
		p.per, err = time.ParseDuration(per)
	}
	if err == nil {
		p.times, err = strconv.ParseInt(times, 10, 64)
	}
	if err == nil && (p.times < 1 || p.per < 1) {
		err = fmt.Errorf("it must be positive")
	}
	return err
}

func (p pace) rate() ratelimit.Rate { return ratelimit.Per(p.times, p.per) }

// gap is what is between two requests at that pace.
func (p pace) gap() time.Duration { return p.per / time.Duration(p.times) }
