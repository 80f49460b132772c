package httplimit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/testkit"
	"github.com/braidgo/braid/ratelimit"
	"github.com/braidgo/braid/ratelimit/httplimit"
)

// roundTripper is a function that sends requests.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answers is a host that answers with a status and a Retry-After, and counts how often.
type answers struct {
	status     int
	retryAfter string
	date       string
	sent       atomic.Int64
}

func (a *answers) RoundTrip(*http.Request) (*http.Response, error) {
	a.sent.Add(1)
	h := make(http.Header)
	if a.retryAfter != "" {
		h.Set("Retry-After", a.retryAfter)
	}
	if a.date != "" {
		h.Set("Date", a.date)
	}
	return &http.Response{StatusCode: a.status, Header: h, Body: http.NoBody}, nil
}

// closes is a body that knows how often it was closed.
type closes struct {
	io.Reader
	n atomic.Int64
}

func (c *closes) Close() error {
	c.n.Add(1)
	return nil
}

func to(t *testing.T, ctx context.Context, url string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	return r
}

// took is how long it takes to send a request.
func took(t *testing.T, transport http.RoundTripper, url string) time.Duration {
	start := time.Now()
	_, err := transport.RoundTrip(to(t, t.Context(), url))
	require.NoError(t, err)
	return time.Since(start)
}

func TestTransportKeepsToTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := httplimit.Transport(&answers{status: 200}, ratelimit.New(ratelimit.Every(time.Second), 2))
		for _, want := range []time.Duration{0, 0, time.Second, time.Second} {
			require.Equal(t, want, took(t, transport, "http://a.example/"))
		}
		require.Equal(t, time.Second, took(t, transport, "http://b.example/"), "hosts share the rate")
	})
}

func TestTransportObeysRetryAfter(t *testing.T) {
	const now = "Sat, 01 Jan 2000 00:00:00 GMT" // in a bubble
	for _, c := range []struct {
		name       string
		status     int
		retryAfter string
		date       string
		want       time.Duration
	}{
		{"seconds", 429, "7", "", 7 * time.Second},
		{"seconds of 503", 503, "7", "", 7 * time.Second},
		{"a leading zero", 429, "007", "", 7 * time.Second},
		{"no seconds", 429, "0", "", 0},
		{"a minute", 429, "60", "", time.Minute},
		{"too many", 429, "61", "", time.Minute},
		{"more than an integer holds", 429, strings.Repeat("9", 100), "", time.Minute},
		{"as many as make a round number of an integer", 429, "18446744073709551616", "", time.Minute},
		{"a date", 429, "Sat, 01 Jan 2000 00:00:07 GMT", "", 7 * time.Second},
		{"a date in the form of RFC 850", 429, "Saturday, 01-Jan-00 00:00:07 GMT", "", 7 * time.Second},
		{"a date in the form of asctime", 429, "Sat Jan  1 00:00:07 2000", "", 7 * time.Second},
		{"go-limiter writes Retry dates in UTC where HTTP wants GMT", 429, "Sat, 01 Jan 2000 00:00:07 UTC", "", 7 * time.Second},
		{"a date far away", 429, "Sat, 01 Jan 9999 00:00:07 GMT", "", time.Minute},
		{"a date that is over", 429, "Fri, 31 Dec 1999 23:59:59 GMT", "", 0},
		{"a date long over", 429, "Sat, 01 Jan 0001 00:00:00 GMT", "", 0},
		{"a date by a clock that is late", 429, "Fri, 31 Dec 1999 00:00:07 GMT", "Fri, 31 Dec 1999 00:00:00 GMT", 7 * time.Second},
		{"a date by a clock that is ahead", 429, "Sun, 02 Jan 2000 00:00:07 GMT", "Sun, 02 Jan 2000 00:00:00 GMT", 7 * time.Second},
		{"a date, and a Date of nonsense", 429, "Sat, 01 Jan 2000 00:00:07 GMT", "today", 7 * time.Second},
		{"seconds do not depend on the clock", 429, "7", "Fri, 31 Dec 1999 00:00:00 GMT", 7 * time.Second},
		{"nothing", 429, "", now, 0},
		{"words", 429, "soon", now, 0},
		{"a fraction", 429, "1.5", now, 0},
		{"a negative number", 429, "-7", now, 0},
		{"other digits", 429, "٧", now, 0},
		{"a response that is no refusal", 200, "7", now, 0},
		{"a redirection", 301, "7", now, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := &answers{status: c.status, retryAfter: c.retryAfter, date: c.date}
				transport := httplimit.Transport(host, ratelimit.New(ratelimit.Unlimited, 1))
				response, err := transport.RoundTrip(to(t, t.Context(), "http://a.example/"))
				require.NoError(t, err)
				require.Equal(t, c.status, response.StatusCode)
				require.Equal(t, c.want, took(t, transport, "http://a.example/"))
				require.EqualValues(t, 2, host.sent.Load(), "nothing is sent twice")
			})
		})
	}
}

func TestAPauseIsForOneHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := &answers{status: 429, retryAfter: "7"}
		transport := httplimit.Transport(host, ratelimit.New(ratelimit.Unlimited, 1))
		took(t, transport, "http://a.example/")
		host.status = 200
		for _, other := range []string{"http://b.example/", "http://a.example:8080/", "http://a.example:443/", "http://www.a.example/"} {
			require.Zero(t, took(t, transport, other), other)
		}
		for i, same := range []string{"http://a.example/other", "http://A.EXAMPLE/", "http://a.example:80/", "http://user@a.example", "https://a.example/", "https://a.example:443/"} {
			require.Equal(t, 7*time.Second, took(t, transport, same), same)
			host.status = 429
			took(t, transport, "http://a.example/")
			host.status = 200
			require.EqualValues(t, 2*i+7, host.sent.Load())
		}
	})
}

func TestALongerPauseWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ask := func(retryAfter string) roundTripper {
			return func(r *http.Request) (*http.Response, error) {
				time.Sleep(time.Second) // all are on their way before the first pause
				return (&answers{status: 429, retryAfter: r.Header.Get("Ask")}).RoundTrip(r)
			}
		}
		transport := httplimit.Transport(ask(""), ratelimit.New(ratelimit.Unlimited, 1))
		var all sync.WaitGroup
		for _, seconds := range []string{"5", "20", "10"} {
			r := to(t, t.Context(), "http://a.example/")
			r.Header.Set("Ask", seconds)
			all.Go(func() { transport.RoundTrip(r) })
		}
		all.Wait()
		require.Equal(t, 21*time.Second, took(t, transport, "http://a.example/"))
	})
}

// A request that waits for its host sees that the pause becomes longer.
func TestAPauseThatBecomesLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Duration(3*sent.Add(1)) * time.Second)
			return (&answers{status: 429, retryAfter: "5"}).RoundTrip(r)
		})
		transport := httplimit.Transport(base, ratelimit.New(ratelimit.Unlimited, 1))
		var early sync.WaitGroup
		for range 2 { // one has its answer at 3, the other at 6
			r := to(t, t.Context(), "http://a.example/")
			early.Go(func() { transport.RoundTrip(r) })
		}
		time.Sleep(4 * time.Second)
		require.EqualValues(t, 2, sent.Load())
		require.Equal(t, 16*time.Second, took(t, transport, "http://a.example/"), "from 4 to 11, not 8, and 9 more")
		early.Wait()
	})
}

// After a pause nothing is sent faster than the rate, also by those who had their turn before it.
func TestRequestsThatWaitForTheLimiterSeeThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var mu sync.Mutex
		var sent []time.Duration
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, time.Since(start))
			if len(sent) == 2 {
				return (&answers{status: 503, retryAfter: "10"}).RoundTrip(r)
			}
			return (&answers{status: 200}).RoundTrip(r)
		})
		transport := httplimit.Transport(base, ratelimit.New(ratelimit.Every(2*time.Second), 1))
		var all sync.WaitGroup
		for range 5 {
			r := to(t, t.Context(), "http://a.example/")
			all.Go(func() {
				_, err := transport.RoundTrip(r)
				assert.NoError(t, err)
			})
		}
		all.Wait()
		require.Equal(t, []time.Duration{0, 2 * time.Second, 12 * time.Second, 14 * time.Second, 16 * time.Second}, sent)
	})
}

func TestHostsThatCanBePausedAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := &answers{status: 429}
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/slow" {
				time.Sleep(time.Second)
				return (&answers{status: 429, retryAfter: "30"}).RoundTrip(r)
			}
			return host.RoundTrip(r)
		})
		transport := httplimit.Transport(base, ratelimit.New(ratelimit.Unlimited, 1))
		url := func(i int) string { return fmt.Sprintf("http://%d.example/", i) }
		ask := func(i int, seconds string) {
			host.status, host.retryAfter = 429, seconds
			require.Zero(t, took(t, transport, url(i)))
			host.status = 200
		}
		var slow sync.WaitGroup
		again := to(t, t.Context(), url(7)+"slow")
		slow.Go(func() { transport.RoundTrip(again) })
		synctest.Wait()
		for i := range 1024 {
			ask(i, "30")
		}
		slow.Wait()
		paused := func(i int) bool {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := transport.RoundTrip(to(t, ctx, url(i)))
			return err != nil
		}
		forgotten := func() (n int) {
			for i := range 1024 {
				if !paused(i) {
					n++
				}
			}
			return n
		}
		require.Zero(t, forgotten(), "the pause of 7 has become longer, which needs no room")
		ask(1024, "60")
		require.Equal(t, 1, forgotten(), "for 1024")
		require.True(t, paused(1024))
		time.Sleep(29 * time.Second)
		require.False(t, paused(0))
		for i := range 1023 { // in the places of those whose pauses are over
			ask(2000+i, "30")
		}
		require.True(t, paused(1024))
	})
}

func TestTransportFailsBeforeItSends(t *testing.T) {
	cause := errors.New("nobody waits for it")
	for name, c := range map[string]struct {
		limiter *ratelimit.Limiter
		paused  bool
		context func(*testing.T) context.Context
		want    error
		after   time.Duration
	}{
		"ctx dead before the call": {nil, false, func(t *testing.T) context.Context {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(cause)
			return ctx
		}, cause, 0},
		"ctx dead before the call, and a pause": {nil, true, func(t *testing.T) context.Context {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(cause)
			return ctx
		}, cause, 0},
		"its deadline passed before the call, and a pause": {nil, true, func(t *testing.T) context.Context {
			ctx, cancel := context.WithDeadlineCause(t.Context(), time.Now(), cause)
			t.Cleanup(cancel)
			return ctx
		}, cause, 0},
		"ctx dies in the pause": {nil, true, func(t *testing.T) context.Context {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(3*time.Second, func() { cancel(cause) })
			return ctx
		}, cause, 3 * time.Second},
		"a foreign context dies in the pause": {nil, true, func(t *testing.T) context.Context {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(3*time.Second, func() { cancel(cause) })
			return testkit.Foreign(ctx)
		}, cause, 3 * time.Second},
		"its deadline is within the pause": {nil, true, func(t *testing.T) context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
			t.Cleanup(cancel)
			return ctx
		}, context.DeadlineExceeded, 0},
		"its deadline is at the end of the pause": {nil, true, func(t *testing.T) context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			t.Cleanup(cancel)
			return ctx
		}, context.DeadlineExceeded, 0},
		"its deadline is before its turn": {ratelimit.New(ratelimit.Every(time.Hour), 1), false, func(t *testing.T) context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			t.Cleanup(cancel)
			return ctx
		}, context.DeadlineExceeded, 0},
		"the rate never refills": {ratelimit.New(ratelimit.Rate{}, 1), false, (*testing.T).Context, ratelimit.ErrNever, 0},
		"there is no burst":      {ratelimit.New(ratelimit.PerSecond(1), 0), false, (*testing.T).Context, ratelimit.ErrExceedsBurst, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limiter := ratelimit.New(ratelimit.Unlimited, 1)
				if c.limiter != nil {
					limiter = ratelimit.New(c.limiter.Rate(), c.limiter.Burst()) // one of this bubble
					limiter.Allow()
				}
				host := &answers{status: 200}
				if c.paused {
					host = &answers{status: 429, retryAfter: "10"}
				}
				transport := httplimit.Transport(host, limiter)
				if c.paused {
					took(t, transport, "http://a.example/")
				}
				sent := host.sent.Load()
				body := &closes{Reader: strings.NewReader("text")}
				ctx := c.context(t)
				r := to(t, ctx, "http://a.example/")
				r.Body = body
				start := time.Now()
				response, err := transport.RoundTrip(r)
				require.Nil(t, response)
				require.ErrorIs(t, err, c.want)
				require.Equal(t, c.after, time.Since(start))
				require.EqualValues(t, 1, body.n.Load(), "the body is closed")
				require.Equal(t, sent, host.sent.Load())
				if _, err := transport.RoundTrip(to(t, ctx, "http://a.example/")); err == nil {
					t.Error("a request without a body fails no differently")
				}
			})
		})
	}
}

func TestWaitErrorSaysHowLongThePauseIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := httplimit.Transport(&answers{status: 429, retryAfter: "10"}, ratelimit.New(ratelimit.Unlimited, 1))
		took(t, transport, "http://a.example/")
		time.Sleep(3 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := transport.RoundTrip(to(t, ctx, "http://a.example/"))
		require.Equal(t, &ratelimit.WaitError{Needed: 7 * time.Second}, err)
	})
}

func TestWhatBaseDoesIsNotTouched(t *testing.T) {
	t.Run("the request", func(t *testing.T) {
		r := to(t, t.Context(), "http://a.example/")
		r.Header.Set("User", "ann")
		was := *r
		header := maps.Clone(r.Header)
		base := roundTripper(func(got *http.Request) (*http.Response, error) {
			require.Same(t, r, got)
			return &http.Response{}, nil
		})
		_, err := httplimit.Transport(base, ratelimit.New(ratelimit.Unlimited, 1)).RoundTrip(r)
		require.NoError(t, err)
		require.Equal(t, was, *r)
		require.Equal(t, header, r.Header)
	})
	t.Run("the response and the error", func(t *testing.T) {
		failure := errors.New("no such host")
		for _, want := range []struct {
			response *http.Response
			err      error
		}{{&http.Response{StatusCode: 429}, nil}, {nil, failure}, {nil, nil}, {&http.Response{StatusCode: 429}, failure}} {
			sent := 0
			base := roundTripper(func(*http.Request) (*http.Response, error) {
				sent++
				return want.response, want.err
			})
			r := to(t, t.Context(), "http://a.example/")
			body := &closes{Reader: strings.NewReader("text")}
			r.Body = body
			response, err := httplimit.Transport(base, ratelimit.New(ratelimit.Unlimited, 1)).RoundTrip(r)
			require.Equal(t, 1, sent, "nothing is sent twice")
			require.Same(t, want.response, response)
			require.Equal(t, want.err, err)
			require.Zero(t, body.n.Load(), "base closes it")
		}
	})
	t.Run("a panic", func(t *testing.T) {
		base := roundTripper(func(*http.Request) (*http.Response, error) { panic("base") })
		transport := httplimit.Transport(base, ratelimit.New(ratelimit.Unlimited, 1))
		require.PanicsWithValue(t, "base", func() { transport.RoundTrip(to(t, t.Context(), "http://a.example/")) })
	})
	t.Run("a request without a URL", func(t *testing.T) {
		_, err := httplimit.Transport(nil, ratelimit.New(ratelimit.Unlimited, 1)).RoundTrip(&http.Request{})
		require.ErrorContains(t, err, "nil Request.URL")
	})
}

func TestNilBaseIsTheDefaultTransport(t *testing.T) {
	defer func(was http.RoundTripper) { http.DefaultTransport = was }(http.DefaultTransport)
	host := &answers{status: 200}
	http.DefaultTransport = host
	took(t, httplimit.Transport(nil, ratelimit.New(ratelimit.Unlimited, 1)), "http://a.example/")
	require.EqualValues(t, 1, host.sent.Load())
}

// idle is a transport with connections.
type idle struct {
	answers
	closed int
}

func (i *idle) CloseIdleConnections() { i.closed++ }

func TestIdleConnectionsAreClosed(t *testing.T) {
	var base idle
	client := http.Client{Transport: httplimit.Transport(&base, ratelimit.New(ratelimit.Unlimited, 1))}
	client.CloseIdleConnections()
	require.Equal(t, 1, base.closed)
	client.Transport = httplimit.Transport(&base.answers, ratelimit.New(ratelimit.Unlimited, 1))
	client.CloseIdleConnections() // there is nothing to close
}

// The time-out of a client is a deadline that a request knows of.
func TestAClientsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := &answers{status: 429, retryAfter: "10"}
		client := http.Client{Timeout: 5 * time.Second, Transport: httplimit.Transport(host, ratelimit.New(ratelimit.Unlimited, 1))}
		response, err := client.Get("http://a.example/")
		require.NoError(t, err)
		response.Body.Close()
		start := time.Now()
		_, err = client.Get("http://a.example/")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var needed *ratelimit.WaitError
		require.ErrorAs(t, err, &needed)
		require.Zero(t, time.Since(start))
	})
}

func TestTransportOfManyGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			status := 200
			if strings.HasPrefix(r.URL.Host, "slow") {
				status = 503
			}
			return (&answers{status: status, retryAfter: "1"}).RoundTrip(r)
		})
		transport := httplimit.Transport(base, ratelimit.New(ratelimit.PerSecond(1000), 10))
		start := time.Now()
		var all sync.WaitGroup
		var failed atomic.Int64
		for i := range 64 {
			all.Go(func() {
				for j := range 20 {
					url := fmt.Sprintf("http://fast%d.example/", i)
					if j%10 == 9 {
						url = fmt.Sprintf("http://slow%d.example/", i%4)
					}
					r, _ := http.NewRequest(http.MethodGet, url, nil)
					if _, err := transport.RoundTrip(r); err != nil {
						failed.Add(1)
					}
				}
			})
		}
		all.Wait()
		require.Zero(t, failed.Load())
		require.GreaterOrEqual(t, time.Since(start), 1270*time.Millisecond)
	})
}
