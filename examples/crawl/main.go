// Crawl visits the pages of a web site, as politely as it can, and reports the links
// that are broken:
//
//	go run ./examples/crawl                                # a site that it serves itself
//	go run ./examples/crawl -watch -rate 1 https://HOST/   # yours, with a view of what happens
//
// The first prints, with Go 1.26, after some three seconds:
//
//	http://127.0.0.1:44587/doc/go1compat
//	  404 Not Found
//	  from http://127.0.0.1:44587/doc/go_spec.html
//
//	http://127.0.0.1:44587/pkg/math/rand.test/
//	  404 Not Found
//	  from http://127.0.0.1:44587/pkg/cmd/go/
//
//	http://127.0.0.1:44587/ref/spec
//	  404 Not Found
//	  from http://127.0.0.1:44587/doc/go_mem.html
//
//	barred: 1900 pages, robots.txt forbids it
//	not fetched: 70 pages beyond -depth, 0 beyond -pages, 235 links that lead elsewhere
//	219 fetched, 6 redirects, 1.2 MB of HTML, 0 cut; 3 broken; 2.369 s
//
// It is there to show how the packages work together, and ratelimit above all: each
// host is asked only so often, and by only so many at once.
//
// Read in this order: crawl.go (the circle of pages, and which package is where),
// host.go (a host's turn), robots.go (what must not be asked for), frontier.go (what is
// known), links.go, report.go, watch.go, site.go (the site of its own).
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/braidgo/braid/examples/internal/view"
)

const usage = `Usage: crawl [flags] [URL ...]

Crawl visits the pages of a web site and reports the links that are broken, with
the pages that have them. It begins at each URL, stays on their hosts, and obeys
their robots.txt. Without a URL it serves a site of its own on 127.0.0.1: the
documentation in the Go installation.

Pages, images, scripts and style sheets are asked for, each once however many
links lead there and however they are spelled. Of HTML, the first 2 MiB are read.
What a host is too busy for, or cannot be reached for, is tried once more. If a
robots.txt or a Retry-After wants a host to be asked more slowly, it is.

With -json the output is one object:

  broken   [{url, reason, from}]; from are the pages that have the link
  barred   [{url, reason}]; robots.txt forbids these, or might, were it readable
  totals   {fetched, bytes, redirects, cut, seconds, interrupted, and what was
            not fetched: elsewhere, deeper, beyond}

Exit status: 0 no link is broken, 1 some are, or a URL could not be fetched, 2
wrong usage, 130 Ctrl-C, after which the report is of what was seen until then.

`

// options are what the command line says.
type options struct {
	urls        []*url.URL
	hosts       []string // that may be visited, beside those of the URLs
	depth       int
	rate        float64
	burst       int64
	concurrency int
	pages       int
	timeout     time.Duration
}

func main() { os.Exit(program()) }

func program() (status int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // from here on Ctrl-C does what it does to any program
	return run(ctx, os.Args[1:], newTransport(), os.Stdout, os.Stderr)
}

func run(ctx context.Context, args []string, base *http.Transport, stdout, stderr io.Writer) (status int) {
	var o options
	flags := flag.NewFlagSet("crawl", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.depth, "depth", 4, "go `N` links away from the URLs")
	flags.Float64Var(&o.rate, "rate", 2, "ask a host at most `N` times a second; its own site, unless N is given, 100 times")
	flags.Int64Var(&o.burst, "burst", 5, "after a rest, ask it `N` times at once")
	flags.IntVar(&o.concurrency, "concurrency", 4, "wait for at most `N` answers of a host at once, for fewer when they take longer")
	flags.IntVar(&o.pages, "pages", 1000, "fetch at most `N` pages")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Second, "give an answer so `LONG`, from when it is asked for to its end")
	flags.Func("hosts", "visit these `HOSTS` as well: names, with unusual ports, and commas between", func(names string) error {
		o.hosts = append(o.hosts, strings.Split(strings.ToLower(names), ",")...)
		return nil
	})
	asJSON := flags.Bool("json", false, "print JSON")
	live := flags.Bool("watch", false, "show on stderr what happens; if it is no terminal, at the end")
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	fail := func(status int, err error) int {
		fmt.Fprintln(stderr, "crawl:", err)
		return status
	}
	if err := flags.Parse(args); err == flag.ErrHelp {
		return 0
	} else if err != nil {
		return 2 // Parse has said why
	}
	if err := o.check(flags.Args()); err != nil {
		return fail(2, err)
	}
	if len(o.urls) == 0 {
		own, stop, err := serveDocumentation(ctx)
		if err != nil {
			return fail(1, err)
		}
		defer stop()
		o.urls = append(o.urls, own)
		given := false
		flags.Visit(func(f *flag.Flag) { given = given || f.Name == "rate" })
		if !given {
			o.rate = 100
		}
	}

	c := newCrawl(o, base)
	unwatch := func() {}
	if *live {
		unwatch = view.Live(stderr, c.look)
	}
	began := time.Now()
	err := c.run(ctx)
	unwatch()
	r := c.report(time.Since(began), ctx.Err() != nil)
	write := r.writeText
	if *asJSON {
		write = r.writeJSON
	}
	if failed := write(stdout); failed != nil {
		return fail(1, failed)
	}
	switch {
	case ctx.Err() != nil:
		return fail(130, fmt.Errorf("interrupted, %d pages were still to come", c.pending))
	case err != nil:
		return fail(1, err)
	case len(r.Broken) > 0 || slices.ContainsFunc(c.starts, func(p *page) bool { return p.barred != "" }):
		return 1
	}
	return 0
}

// check says what is wrong with the command line.
func (o *options) check(args []string) error {
	for _, flag := range []struct {
		name            string
		is, least, most float64
	}{
		{"depth", float64(o.depth), 0, 1000},
		{"rate", o.rate, 0.001, 1e6},
		{"burst", float64(o.burst), 1, 1000},
		{"concurrency", float64(o.concurrency), 1, 100},
		{"pages", float64(o.pages), 1, 1e5},
		{"timeout in seconds", o.timeout.Seconds(), 0.001, 3600},
	} {
		if !(flag.is >= flag.least && flag.is <= flag.most) { // it may be no number
			return fmt.Errorf("-%s must be %v to %v, not %v", flag.name, flag.least, flag.most, flag.is)
		}
	}
	for _, name := range o.hosts {
		if u, err := canonical(new(url.URL), "http://"+name); err != nil || u.String() != "http://"+name+"/" {
			return fmt.Errorf("-hosts: %q is no name of a host", name)
		}
	}
	for _, arg := range args {
		u, err := canonical(new(url.URL), arg)
		if err != nil {
			return fmt.Errorf("%q is no URL: %w", arg, err)
		}
		o.urls = append(o.urls, u)
	}
	return nil
}

// gap is the time between two requests.
func (o *options) gap() time.Duration { return time.Duration(float64(time.Second) / o.rate) }
