// Restapi is a catalogue of books behind HTTP, in a SQLite file:
//
//	go run ./examples/restapi                # an empty catalogue, gone when it ends; prints what to try
//	go run ./examples/restapi -db books.db   # one that stays
//
// It is there to show what a service takes beside its handlers: limits on everything that a client sends and on how
// often and how much at once it asks, and an end that leaves no request without its answer. The packages of braid
// are in three places: pipeline streams an import, fanout asks several queries at once, ratelimit refuses what is
// too much and keeps those in line who wait for the database.
//
// Read in this order: server.go (routes and limits), books.go (the handlers), book.go (what a book is), store.go
// (SQL, on schema.sql), pool.go, summary.go, import.go, patient.go, problem.go (errors).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const usage = `Usage: restapi [flags]

Restapi serves a catalogue of books until Ctrl-C or SIGTERM:

  GET    /books?limit=&after=&author=&genre=   a page of books
  POST   /books                                a new one
  GET    /books/ID                             also PUT, DELETE
  GET    /books/ID/summary                     a book, and what else there is by its author, of its genre and year
  POST   /import                               newline-delimited JSON, a book a line
  GET    /healthz                              whether it runs
  GET    /pragmas                              how SQLite is set

Exit status: 0 after Ctrl-C or SIGTERM, 1 something failed, 2 wrong usage.

`

// endWithin is how long requests that run when the service is to end may take to finish.
const endWithin = answerWithin + time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from here on Ctrl-C does what it does to any program
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (status int) {
	var c config
	flags := flag.NewFlagSet("restapi", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.addr, "addr", "127.0.0.1:8080", "listen on `HOST:PORT`; port 0 is any that is free")
	flags.StringVar(&c.file, "db", "", "keep the catalogue in `FILE` (default a temporary one)")
	flags.Int64Var(&c.limit, "limit", 200, "allow a client `N` requests a second, and shed load; 0 switches both off")
	flags.StringVar(&c.pprof, "pprof", "", "serve profiles on `HOST:PORT`, a loopback address (default off)")
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	wrong := ""
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		return 0
	case err != nil:
		return 2 // Parse has said why
	case flags.NArg() > 0:
		wrong = fmt.Sprintf("unexpected argument %q", flags.Arg(0))
	case c.limit < 0:
		wrong = fmt.Sprintf("-limit must be at least 0, not %d", c.limit)
	case c.pprof != "" && !isLoopback(c.pprof):
		wrong = fmt.Sprintf("-pprof must be a loopback address such as 127.0.0.1:6060, not %q", c.pprof)
	}
	if wrong != "" {
		fmt.Fprintln(stderr, "restapi:", wrong)
		return 2
	}
	if err := c.serve(ctx, stdout, slog.New(slog.NewTextHandler(stderr, nil))); err != nil {
		fmt.Fprintln(stderr, "restapi:", err)
		return 1
	}
	return 0
}

// isLoopback wants an address, and no name that might be one elsewhere.
func isLoopback(hostPort string) bool {
	addr, err := netip.ParseAddrPort(hostPort)
	return err == nil && addr.Addr().IsLoopback()
}

type config struct {
	addr, file, pprof string
	limit             int64
}

// serve runs the service until ctx is done. What it starts last ends first.
func (c config) serve(ctx context.Context, stdout io.Writer, log *slog.Logger) (err error) {
	if c.file == "" {
		dir, err := os.MkdirTemp("", "restapi-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		c.file = filepath.Join(dir, "books.db")
	}
	store, err := openStore(ctx, c.file)
	if err != nil {
		return fmt.Errorf("opening %s: %w", c.file, err)
	}
	defer func() { err = errors.Join(err, store.close()) }()

	s := &server{store: store, log: log, ending: ctx}
	failed := make(chan error, 2) // room for one from each server
	note := ""
	if c.pprof != "" {
		profiles, at, err := s.start(c.pprof, profiler(), failed)
		if err != nil {
			return err
		}
		defer profiles.Close()
		note = fmt.Sprintf("Profiles are at http://%s/debug/pprof/\n\n", at)
	}
	api, at, err := s.start(c.addr, s.handler(c.limit), failed)
	if err != nil {
		return err
	}
	introduce(stdout, at, note)
	select {
	case err = <-failed:
	case <-ctx.Done():
		log.Info("ending; Ctrl-C again stops at once", "because", context.Cause(ctx))
	}
	return errors.Join(err, stop(api))
}

// start has a server listen at addr. Why it ends, unless it was told to, goes to failed.
func (s *server) start(addr string, h http.Handler, failed chan<- error) (_ *http.Server, at net.Addr, err error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	server := s.listen(h)
	go func() { // until the server is stopped
		if err := server.Serve(listener); err != http.ErrServerClosed {
			failed <- err
		}
	}()
	return server, listener.Addr(), nil
}

// stop accepts no more connections, and has the requests that run answered.
func stop(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), endWithin)
	defer cancel()
	err := server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	return err
}

// profiler is not for those who use the service: it tells what is in memory, and can be made to work hard.
func profiler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

const firstBook = `{"title": "The C Programming Language", "author": "Brian Kernighan", "isbn": "9780131103627", ` +
	`"year": 1988, "pages": 272, "genre": "computing"}`

func introduce(w io.Writer, at net.Addr, note string) {
	fmt.Fprintf(w, `The catalogue is at http://%[1]s. Try

  curl -i http://%[1]s/books -H 'Content-Type: application/json' -d '%[2]s'
  curl http://%[1]s/books/1/summary
  curl -N http://%[1]s/import -H 'Content-Type: application/x-ndjson' --data-binary @books.ndjson

%[3]sCtrl-C ends it.

`, at, firstBook, note)
}
