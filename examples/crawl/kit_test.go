package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// asProgram in the environment makes this binary the program itself.
const asProgram = "CRAWL_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(program())
	}
	goleak.VerifyTestMain(m)
}

// fast are flags for tests that are not about politeness.
var fast = []string{"-rate", "1e6", "-burst", "1000"}

// runCrawl runs the program.
func runCrawl(ctx context.Context, base *http.Transport, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(ctx, args, base, &out, &errs)
	return status, out.String(), errs.String()
}

// output is what -json prints, as a program that reads it would declare it.
type output struct {
	Broken, Barred []struct {
		URL, Reason string
		From        []string
	}
	Totals totals
}

// broken are the reasons by URL.
func (o output) broken() map[string]string {
	reasons := map[string]string{}
	for _, b := range o.Broken {
		reasons[b.URL] = b.Reason
	}
	return reasons
}

func inJSON(t *testing.T, base *http.Transport, args ...string) (status int, o output) {
	status, stdout, stderr := runCrawl(t.Context(), base, append([]string{"-json"}, args...)...)
	require.NoError(t, json.Unmarshal([]byte(stdout), &o), stderr)
	return status, o
}

// crawlFast is for a site that is up, and no test of politeness.
func crawlFast(t *testing.T, args ...string) (status int, o output) {
	return inJSON(t, newTransport(), slices.Concat(fast, args)...)
}

// served counts the requests of a site by URI.
type served struct {
	handler http.Handler
	mu      sync.Mutex
	by      map[string]int
	when    []time.Time
}

func (s *served) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.by[r.RequestURI]++
	s.when = append(s.when, time.Now())
	s.mu.Unlock()
	s.handler.ServeHTTP(w, r)
}

func (s *served) counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.by)
}

func (s *served) times() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.when)
}

func counted(h http.Handler) *served { return &served{handler: h, by: map[string]int{}} }

// onLoopback serves h until the test ends.
func onLoopback(t *testing.T, h http.Handler) (url string, s *served) {
	s = counted(h)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL, s
}

// pages is a site: HTML by path.
type pages map[string]string

func (p pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, ok := p[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprint(w, content)
}

func anchors(to ...string) string {
	var text strings.Builder
	for _, to := range to {
		fmt.Fprintf(&text, "<a href=%q>x</a>", to)
	}
	return text.String()
}

// inBubble has the test run in a bubble, with hosts that are reached without a network.
func inBubble(t *testing.T, hosts map[string]http.Handler, test func(t *testing.T, base *http.Transport)) {
	synctest.Test(t, func(t *testing.T) {
		listeners := map[string]*pipes{}
		for name, h := range hosts {
			p := &pipes{dialled: make(chan net.Conn), closed: make(chan struct{})}
			listeners[name] = p
			server := &http.Server{Handler: h}
			go server.Serve(p)
			defer server.Close()
		}
		test(t, &http.Transport{
			MaxIdleConnsPerHost: 100,
			DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
				name, _, _ := strings.Cut(addr, ":")
				if listeners[name] == nil {
					return nil, fmt.Errorf("dial %s: no such host", name)
				}
				return listeners[name].dial(), nil
			},
		})
	})
}

// pipes is a listener whose connections are in memory.
type pipes struct {
	dialled chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func (p *pipes) dial() net.Conn {
	here, there := net.Pipe()
	p.dialled <- there
	return here
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialled:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }
