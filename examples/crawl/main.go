package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/braidgo/braid/examples/internal/view"
)

const usage = `Usage: crawl [flags] [URL ...]

Crawl visits the pages of a web site and reports the links that are broken, with
the pages that have them. It begins at each URL, stays on their hosts, and obeys
their robots.txt. Without a URL it serves a site of its own on 127.0.0.1: the
documentation of the Go installation.

Pages, images, scripts and style sheets are asked for, each once however many
links lead there and however they are spelled; only HTML is read. A host that
cannot be reached, or says that it has too much to do, is asked once more. All of
a host's requests are paced, and more slowly if its robots.txt or a Retry-After
says so.

With -json the output is one object:

  broken   [{url, reason, from}]; from are the pages that have the link
  barred   [{url, reason}]; what robots.txt forbids, or might, were it readable
  totals   {fetched, bytes, redirects, cut, seconds, interrupted, and what was
            not fetched: elsewhere, deeper, beyond}

Exit status: 0 no link is broken, 1 some are, or a URL could not be fetched, 2
wrong usage, 130 Ctrl-C, after which the report is of what was seen until then.

`

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
	o.declare(flags)
	asJSON := flags.Bool("json", false, "print JSON")
	live := flags.Bool("watch", false, "show on stderr what happens; if it is no terminal, at the end")
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		return 0
	case err != nil:
		return 2 // Parse has said why
	}
	fail := func(status int, err error) int {
		fmt.Fprintln(stderr, "crawl:", err)
		return status
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
		return fail(130, fmt.Errorf("interrupted: %w", context.Cause(ctx)))
	case err != nil:
		return fail(1, err)
	case len(r.Broken) > 0 || slices.ContainsFunc(c.starts, func(p *page) bool { return p.barred != "" }):
		return 1
	}
	return 0
}
