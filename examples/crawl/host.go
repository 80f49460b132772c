package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/braidgo/braid/ratelimit"
	"github.com/braidgo/braid/workerpool"
)

// host is who answers for a name, how it may be asked, and who does.
type host struct {
	pool    *workerpool.Pool
	limiter *ratelimit.Limiter
	atOnce  *ratelimit.Adaptive
	client  *http.Client

	fetched, failed atomic.Int64
}

// newHost puts the parts of a turn one upon the other:
//
//	client, which follows no redirect: where it leads is another page
//	└─ paced: waits for the limiter
//	   └─ inTurn: waits until the host can bear one more, then for the answer
//	      └─ base
//
// The limiter comes first, as Adaptive learns from how long it takes from its Acquire to
// done: the time until a limiter lets go says nothing about the host. Nor does it count for the
// timeout.
func newHost(name string, o options, base http.RoundTripper) *host {
	h := &host{
		pool:    workerpool.New(o.concurrency, workerpool.Queue(o.pages), workerpool.Name(name)),
		limiter: ratelimit.New(o.pace.rate(), o.burst),
		atOnce:  ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{Max: o.concurrency, Initial: o.concurrency}),
	}
	h.client = &http.Client{
		Transport:     paced{inTurn{base, h.atOnce, o.timeout}, h.limiter},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return h
}

type paced struct {
	base    http.RoundTripper
	limiter *ratelimit.Limiter
}

func (p paced) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := p.limiter.Wait(r.Context()); err != nil {
		return nil, err
	}
	return p.base.RoundTrip(r)
}

// inTurn is for requests whose turn it is.
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
	ctx, cancel := context.WithTimeoutCause(r.Context(), t.timeout, fmt.Errorf("no answer, or not all of it, within %v", t.timeout))
	response, err := t.base.RoundTrip(r.WithContext(ctx))
	b := &body{ctx: ctx, end: func(err error) { cancel(); done(err) }}
	if err != nil {
		err = b.because(err)
		b.end(err)
		return nil, err
	}
	if s := status(response.StatusCode); s.busy() {
		b.failed = s
	}
	b.ReadCloser, response.Body = response.Body, b
	return response, nil
}

// body is that of a response, which has had its turn when it is closed.
type body struct {
	io.ReadCloser
	ctx    context.Context
	end    func(error)
	failed error
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = b.because(err)
		b.failed = err
	}
	return n, err
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.end(b.failed)
	return err
}

// because says what has ended the request, where err says only that something has.
func (b *body) because(err error) error {
	if b.ctx.Err() != nil {
		return context.Cause(b.ctx)
	}
	return err
}

// slowDown leaves at least so much time between two requests from now on.
func (h *host) slowDown(gap time.Duration, usual pace) {
	if gap > usual.gap() {
		h.limiter.SetLimit(ratelimit.Every(gap), 1)
	}
}

func (h *host) count(failed error) {
	if failed != nil {
		h.failed.Add(1)
	} else {
		h.fetched.Add(1)
	}
}
