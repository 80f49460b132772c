package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// asProgram in the environment makes this binary the program itself.
const asProgram = "GATEWAY_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

var quiet = slog.New(slog.DiscardHandler)

// says is a replica that answers, at once or after some time. Only in a bubble do
// the tests give it time.
func says(value any, after ...time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, wait := range after {
			select {
			case <-time.After(wait):
			case <-r.Context().Done():
				return
			}
		}
		json.NewEncoder(w).Encode(map[string]any{"value": value})
	}
}

// sends is a replica whose answer is these bytes.
func sends(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }
}

func fails(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "out of order", http.StatusInternalServerError)
}

// hangs is a replica that answers nobody.
func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// roundTripper is a transport, or a layer over one.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// inMemory is a gateway whose replicas, named 0, 1 and so on, are called
// instead of being sent requests. It needs no network, and so can be in a bubble.
func inMemory(t *testing.T, hedgeAfter time.Duration, handlers ...http.Handler) *gateway {
	replicas := make([]replica, len(handlers))
	for i := range handlers {
		replicas[i] = replica{name: fmt.Sprint(i), url: &url.URL{Scheme: "http", Host: fmt.Sprint(i)}}
	}
	g := newGateway(replicas, hedgeAfter, roundTripper(func(r *http.Request) (*http.Response, error) {
		var i int
		fmt.Sscan(r.URL.Host, &i)
		w := httptest.NewRecorder()
		handlers[i].ServeHTTP(w, r.Clone(r.Context()))
		if r.Context().Err() != nil {
			return nil, context.Cause(r.Context())
		}
		return w.Result(), nil
	}), quiet)
	t.Cleanup(g.close)
	return g
}

// ask asks a gateway without a network in between.
func ask(ctx context.Context, g *gateway, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	g.handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, target, nil))
	return w
}

// onLoopback is a gateway in front of replicas, all with listeners on 127.0.0.1.
// layer, unless nil, is put over the transport between them.
func onLoopback(t *testing.T, layer func(http.RoundTripper) http.RoundTripper, handlers ...http.Handler) (g *gateway, at string) {
	var replicas []replica
	for _, h := range handlers {
		s, err := start("127.0.0.1:0", h, quiet)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.stop()) })
		r, err := parseReplica("http://" + s.host)
		require.NoError(t, err)
		replicas = append(replicas, r)
	}
	base := newTransport()
	t.Cleanup(base.CloseIdleConnections)
	var transport http.RoundTripper = base
	if layer != nil {
		transport = layer(base)
	}
	g = newGateway(replicas, time.Millisecond, transport, quiet)
	t.Cleanup(g.close)
	s, err := start("127.0.0.1:0", g.handler(), quiet)
	require.NoError(t, err)
	t.Cleanup(func() {
		g.events.Close()
		require.NoError(t, s.stop())
	})
	return g, "http://" + s.host
}

// get is a client of its own, which leaves nothing behind.
func get(ctx context.Context, url string) (status int, header http.Header, body string, err error) {
	transport := newTransport()
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, "", err
	}
	response, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return 0, nil, "", err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, response.Header, string(content), err
}

// bodies counts the bodies that a transport has handed out, and what became of them.
type bodies struct {
	opened, closed, read atomic.Int64
	firstRead            func() // called before a body is read for the first time, unless nil
}

func (b *bodies) layer(base http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := base.RoundTrip(r)
		if err == nil {
			b.opened.Add(1)
			response.Body = &countedBody{ReadCloser: response.Body, bodies: b}
		}
		return response, err
	})
}

type countedBody struct {
	io.ReadCloser
	bodies      *bodies
	read, close sync.Once
}

func (b *countedBody) Read(p []byte) (int, error) {
	b.read.Do(func() {
		b.bodies.read.Add(1)
		if b.bodies.firstRead != nil {
			b.bodies.firstRead()
		}
	})
	return b.ReadCloser.Read(p)
}

func (b *countedBody) Close() error {
	b.close.Do(func() { b.bodies.closed.Add(1) })
	return b.ReadCloser.Close()
}

// pipes is a listener whose connections are pipes without a buffer, so that a
// server can be in a bubble, and a client that does not read is noticed at once.
type pipes struct {
	dialled chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func newPipes() *pipes { return &pipes{dialled: make(chan net.Conn), closed: make(chan struct{})} }

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
