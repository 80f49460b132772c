package main

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/braidgo/braid/ratelimit"
	"github.com/braidgo/braid/ratelimit/httplimit"
)

const (
	readHeaderWithin = 5 * time.Second
	readWithin       = 10 * time.Second // the header and the body of a request
	workWithin       = 10 * time.Second // on a request, in SQL
	answerWithin     = 30 * time.Second // all of it, from when the header has been read
	idleFor          = time.Minute      // a connection, between two requests
	longestHeader    = 16 << 10         // bytes

	clients    = 100_000 // that have a limit of their own at the same time
	atOnce     = 32      // requests that use SQL; one more is refused. With 128 all were late (examples/claims, 13)
	importCost = 16      // as so many of them counts an import, which holds some 20 MB of lines at worst
)

type server struct {
	store  *store
	log    *slog.Logger
	ending context.Context // done when the service is to end: imports read no more
	load   *ratelimit.Semaphore
}

// handler is the API. limit is how many requests a client may make in a second, and how many at once after a rest;
// with 0 there is no limit, and nothing is refused because of the load either.
func (s *server) handler(limit int64) http.Handler {
	if limit > 0 {
		s.load = ratelimit.NewSemaphore(atOnce)
	}
	sql := func(h handler) http.Handler { return s.answer(s.shed(1, within(workWithin, h))) }
	mux := http.NewServeMux()
	for path, methods := range map[string]map[string]http.Handler{
		"/healthz":            {"GET": s.answer(healthz)},
		"/books":              {"GET": sql(s.listBooks), "POST": sql(s.createBook)},
		"/books/{id}":         {"GET": sql(s.getBook), "PUT": sql(s.replaceBook), "DELETE": sql(s.deleteBook)},
		"/books/{id}/summary": {"GET": sql(s.summarize)},
		"/import":             {"POST": s.answer(s.shed(importCost, s.importBooks))},
		"/pragmas":            {"GET": sql(s.readPragmas)},
	} {
		for method, h := range methods {
			mux.Handle(method+" "+path, h)
		}
		mux.Handle(path, s.answer(onlyBy(methods))) // the other methods: ServeMux would answer them in plain text
	}
	mux.HandleFunc("/", s.answer(func(_ http.ResponseWriter, r *http.Request) error {
		return problemf(http.StatusNotFound, "no route %q", r.URL.Path)
	}))
	if limit == 0 {
		return mux
	}
	perClient := ratelimit.NewKeyed[netip.Prefix](ratelimit.PerSecond(limit), limit, clients)
	return httplimit.Middleware(perClient, httplimit.ClientIP(),
		httplimit.Exempt(func(r *http.Request) bool { return r.URL.Path == "/healthz" }),
		httplimit.Denied(s.answer(func(http.ResponseWriter, *http.Request) error {
			return problemf(http.StatusTooManyRequests, "a client may make %d requests a second", limit)
		})),
	)(mux)
}

func healthz(w http.ResponseWriter, _ *http.Request) error {
	return replyJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

func onlyBy(methods map[string]http.Handler) handler {
	allowed := slices.Collect(maps.Keys(methods))
	if methods["GET"] != nil {
		allowed = append(allowed, "HEAD") // ServeMux has GET answer it
	}
	slices.Sort(allowed)
	allow := strings.Join(allowed, ", ")
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Allow", allow)
		return problemf(http.StatusMethodNotAllowed, "%s is not one of %s", r.Method, allow)
	}
}

// shed refuses a request at once when there is too much to do already. It would be answered late, with its client
// gone perhaps, and make all others later.
//
// It also refuses what comes when the service is ending. Shutdown of net/http can take a connection for idle, and
// close it, on which a request has just been read: what that did could not be told to anybody. A request that was
// here before is on a connection that Shutdown sees as active.
func (s *server) shed(cost int64, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if s.ending.Err() != nil {
			w.Header().Set("Connection", "close")
			return overloaded("the service is ending")
		}
		if s.load == nil {
			return h(w, r)
		}
		if !s.load.TryAcquire(cost) {
			return overloaded("too many requests at once")
		}
		defer s.load.Release(cost)
		return h(w, r)
	}
}

func within(d time.Duration, h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), d)
		defer cancel()
		return h(w, r.WithContext(ctx))
	}
}

func (s *server) listen(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderWithin,
		ReadTimeout:       readWithin,
		WriteTimeout:      answerWithin,
		IdleTimeout:       idleFor,
		MaxHeaderBytes:    longestHeader,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}
