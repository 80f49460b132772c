package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// many is a page with links to so many others, which exist.
func many(n int) pages {
	site := pages{"/robots.txt": ""}
	var links []string
	for i := range n {
		links = append(links, fmt.Sprint("/", i))
		site[links[i]] = ""
	}
	site["/"] = anchors(links...)
	return site
}

// In any time, a host is asked no more often than its burst and the rate allow, however
// many pages wait; and no less often.
func TestRateIsObeyed(t *testing.T) {
	site := counted(many(100))
	inBubble(t, map[string]http.Handler{"site": site}, func(t *testing.T, base *http.Transport) {
		began := time.Now()
		status, o := inJSON(t, base, "-rate", "4", "-burst", "3", "-concurrency", "5", "http://site")
		require.Zero(t, status)
		require.Equal(t, 101, o.Totals.Fetched)
		when := site.times()
		require.Len(t, when, 102, "the robots.txt, too")
		for i := range when {
			if j := i + 3; j < len(when) {
				require.GreaterOrEqual(t, when[j].Sub(when[i]), 250*time.Millisecond, "four requests are more than the burst")
			}
			if j := i + 23; j < len(when) {
				require.GreaterOrEqual(t, when[j].Sub(when[i]), 21*250*time.Millisecond)
			}
		}
		require.Equal(t, 99*250*time.Millisecond, when[101].Sub(began), "and no slower than that")
	})
}

// The time for an answer does not begin before the question.
func TestWaitingForATurnIsNoTimeout(t *testing.T) {
	inBubble(t, map[string]http.Handler{"site": many(20)}, func(t *testing.T, base *http.Transport) {
		began := time.Now()
		status, _ := inJSON(t, base, "-rate", "0.1", "-burst", "1", "-concurrency", "20", "-timeout", "1s", "http://site")
		require.Zero(t, status)
		require.Equal(t, 21*10*time.Second, time.Since(began))
	})
}

// gate is a site that answers when it is told to, and knows how many wait for it.
type gate struct {
	http.Handler
	open      chan struct{}
	now, most atomic.Int64
	unguarded string // a path that is answered at once
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := g.now.Add(1)
	defer g.now.Add(-1)
	for seen := g.most.Load(); now > seen && !g.most.CompareAndSwap(seen, now); seen = g.most.Load() {
	}
	if r.URL.Path != "/" && r.URL.Path != g.unguarded {
		<-g.open // closed by the test
	}
	g.Handler.ServeHTTP(w, r)
}

// Each host has so many requests under way and not one more, and none waits for another host.
func TestConcurrencyIsPerHost(t *testing.T) {
	const each = 3
	a, b := many(50), many(50)
	a["/"] += anchors("http://b/")
	first, second := &gate{Handler: a, unguarded: "/robots.txt"}, &gate{Handler: b, unguarded: "/robots.txt"}
	inBubble(t, map[string]http.Handler{"a": first, "b": second}, func(t *testing.T, base *http.Transport) {
		open := make(chan struct{})
		first.open, second.open = open, open
		ended := make(chan output)
		go func() {
			_, o := inJSON(t, base, "-rate", "1e6", "-burst", "1000", "-concurrency", strconv.Itoa(each), "-hosts", "b", "-timeout", "1h", "http://a")
			ended <- o
		}()
		synctest.Wait()
		require.EqualValues(t, each, first.now.Load())
		require.EqualValues(t, each, second.now.Load())
		close(open)
		o := <-ended
		require.Equal(t, 102, o.Totals.Fetched)
		require.EqualValues(t, each, first.most.Load())
		require.EqualValues(t, each, second.most.Load())
	})
}

// A host that does not answer has nobody wait but those who ask it.
func TestSlowHostHoldsUpNobody(t *testing.T) {
	quick := counted(many(50))
	slow := &gate{Handler: many(50), unguarded: "/robots.txt"}
	inBubble(t, map[string]http.Handler{"quick": quick, "slow": slow}, func(t *testing.T, base *http.Transport) {
		slow.open = make(chan struct{})
		ctx, interrupt := context.WithCancel(t.Context())
		ended := make(chan int)
		go func() {
			ended <- run(ctx, []string{"-rate", "1e6", "-concurrency", "2", "-timeout", "1h", "http://slow", "http://quick"}, base, io.Discard, io.Discard)
		}()
		synctest.Wait()
		time.Sleep(time.Second) // of fake time, for the limiter
		synctest.Wait()
		require.Len(t, quick.counts(), 52, "all of it")
		require.EqualValues(t, 2, slow.now.Load())
		interrupt()
		require.Equal(t, 130, <-ended)
		close(slow.open)
	})
}

// Those who have the same robots.txt to wait for fetch it once.
func TestRobotsIsFetchedOnce(t *testing.T) {
	g := &gate{Handler: many(4)}
	site := counted(g)
	inBubble(t, map[string]http.Handler{"site": site}, func(t *testing.T, base *http.Transport) {
		g.open = make(chan struct{})
		ended := make(chan int)
		go func() {
			ended <- run(t.Context(), []string{"-rate", "1e6", "-burst", "10", "http://site", "http://site/0", "http://site/1", "http://site/2"}, base, io.Discard, io.Discard)
		}()
		synctest.Wait()
		require.Equal(t, map[string]int{"/robots.txt": 1}, site.counts(), "and nothing before it is there")
		close(g.open)
		require.Zero(t, <-ended)
		require.Equal(t, map[string]int{"/robots.txt": 1, "/": 1, "/0": 1, "/1": 1, "/2": 1, "/3": 1}, site.counts())
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	for _, code := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		var refused sync.Once
		site := many(10)
		s := counted(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			refuse := false
			if r.URL.Path == "/5" {
				refused.Do(func() { refuse = true })
			}
			if refuse {
				w.Header().Set("Retry-After", "40")
				w.WriteHeader(code)
				return
			}
			site.ServeHTTP(w, r)
		}))
		inBubble(t, map[string]http.Handler{"site": s}, func(t *testing.T, base *http.Transport) {
			status, o := inJSON(t, base, "-rate", "1", "-burst", "1", "http://site")
			require.Zero(t, status, o.broken())
			require.Equal(t, 11, o.Totals.Fetched)
			require.Equal(t, 2, s.counts()["/5"])
			pauses := 0
			when := s.times()
			for i := range when[1:] {
				if when[i+1].Sub(when[i]) >= 40*time.Second {
					pauses++
				}
			}
			require.Equal(t, 1, pauses)
		})
	}
}

func TestCrawlDelay(t *testing.T) {
	for delay, want := range map[string]time.Duration{
		"2": 2 * time.Second, "0.1": time.Second / 2, "0": time.Second / 2, "1e300": time.Minute, "86400": time.Minute,
	} {
		site := many(5)
		site["/robots.txt"] = "User-agent: *\nCrawl-delay: " + delay + "\n"
		s := counted(site)
		inBubble(t, map[string]http.Handler{"site": s}, func(t *testing.T, base *http.Transport) {
			status, _ := inJSON(t, base, "-rate", "2", "-burst", "1", "-concurrency", "9", "http://site")
			require.Zero(t, status)
			when := s.times()
			for i := range when[2:] {
				require.GreaterOrEqual(t, when[i+2].Sub(when[i+1]), want, "%s: from the first page to the second, and so on", delay)
			}
			require.Equal(t, 5*want, when[6].Sub(when[1]), delay)
		})
	}
}
