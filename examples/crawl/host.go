package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/braidgo/braid/ratelimit"
	"github.com/braidgo/braid/ratelimit/httplimit"
	"github.com/braidgo/braid/workerpool"
)

// host is who answers to a name, and how he is asked: by whom, how often, and by how many at once.
type host struct {
	pool      *workerpool.Pool
	limiter   *ratelimit.Limiter
	atOnce    *ratelimit.Adaptive
	transport http.RoundTripper // waits for limiter, then is inTurn

	broken atomic.Int64 // pages, for those who watch
}

func newHost(name string, o options, base http.RoundTripper) *host {
	h := &host{
		pool:    workerpool.New(o.concurrency, workerpool.Queue(o.pages), workerpool.Name(name)),
		limiter: ratelimit.New(ratelimit.Every(o.gap()), o.burst),
		atOnce:  ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Max: o.concurrency, Initial: o.concurrency}),
	}
	h.transport = httplimit.Transport(inTurn{base, h.atOnce, o.timeout}, h.limiter)
	return h
}

// inTurn is for requests that the limiter has let go. Only here does the timeout begin, and
// does the Adaptive measure: neither is to count how long others had their turn.
//
// One thing nobody here can see: where a connection that was kept turns out to be closed,
// net/http sends the request again by itself.
type inTurn struct {
	base    http.RoundTripper
	atOnce  *ratelimit.Adaptive
	timeout time.Duration
}

func (t inTurn) RoundTrip(r *http.Request) (*http.Response, error) {
	done, err := t.atOnce.Acquire(r.Context())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(r.Context(), t.timeout, fmt.Errorf("no answer within %v, or not all of it", t.timeout))
	defer cancel()
	response, err := t.base.RoundTrip(r.WithContext(ctx))
	if err == nil {
		err = hold(response)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx) // err is what came of it
		}
		done(err)
		return nil, err
	}
	if s := status(response.StatusCode); s.busy() {
		done(s)
	} else {
		done(nil)
	}
	return response, nil
}

// mostRead is how much of an answer is read, and one byte more, which tells that there is more.
const mostRead = 2 << 20

// hold reads what is to be read of an answer, so that it is over.
func hold(response *http.Response) error {
	defer response.Body.Close()
	var content []byte
	var err error
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if kind == "text/html" || kind == "application/xhtml+xml" || response.Request.Context().Value(anyKind{}) != nil {
		content, err = io.ReadAll(io.LimitReader(response.Body, mostRead+1))
	}
	response.Body = io.NopCloser(bytes.NewReader(content))
	return err
}

// anyKind is in the context of a request of which the answer is to be read whatever it says that it is.
type anyKind struct{}

// reply is what is needed of an answer.
type reply struct {
	location string // of a redirect
	body     []byte // of HTML, and of a robots.txt
}

// ask has the host of u answer a request, when its turn has come.
func (c *crawl) ask(ctx context.Context, u *url.URL) (r reply, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return r, err
	}
	request.Header.Set("User-Agent", agent+" (+https://github.com/braidgo/braid)")
	response, err := c.hosts[u.Host].transport.RoundTrip(request) // an http.Client would follow redirects, which are pages of their own
	if err != nil {
		return r, err
	}
	s := status(response.StatusCode)
	if location := response.Header.Get("Location"); s/100 == 3 && location != "" {
		return reply{location: location}, nil
	}
	if s/100 != 2 {
		return r, s
	}
	r.body, err = io.ReadAll(response.Body)
	return r, err
}

// status is the error of an answer that brings nothing.
type status int

func (s status) Error() string { return fmt.Sprint(int(s), " ", http.StatusText(int(s))) }

// busy says that it may be another one next time.
func (s status) busy() bool {
	return slices.Contains([]status{429, 502, 503, 504}, s)
}

// worthAnother tells what is tried once more: what a host was too busy for, and
// whatever kept it from answering.
func worthAnother(err error) bool {
	s, answered := errors.AsType[status](err)
	return s.busy() || !answered
}

func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, 100 // no limit, and that of -concurrency
	t.MaxResponseHeaderBytes = 64 << 10
	return t
}
