package httplimit_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/ratelimit"
	"github.com/braidgo/braid/ratelimit/httplimit"
)

// ---- On a real network, and under load ---------------------------------------

// load has each of 8 goroutines ask a server so often, and counts the answers by their status.
func load(t *testing.T, server *httptest.Server, each int, prepare func(r *http.Request, goroutine, i int)) map[int]int {
	client := server.Client()
	client.Transport.(*http.Transport).MaxIdleConnsPerHost = 8
	statuses := make(map[int]int)
	var mu sync.Mutex
	var all sync.WaitGroup
	for goroutine := range 8 {
		all.Go(func() {
			for i := range each {
				r, _ := http.NewRequest(http.MethodPost, server.URL, strings.NewReader("text"))
				prepare(r, goroutine, i)
				response, err := client.Do(r)
				if !assert.NoError(t, err) {
					return
				}
				_, err = io.Copy(io.Discard, response.Body)
				assert.NoError(t, err)
				response.Body.Close()
				mu.Lock()
				statuses[response.StatusCode]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return statuses
}

func TestServerUnderLoad(t *testing.T) {
	const each, burst = 80, 30
	local := netip.MustParsePrefix("127.0.0.1/32")
	start := func(t *testing.T, client func(*http.Request) netip.Prefix) (*httptest.Server, *atomic.Int64) {
		served := new(atomic.Int64)
		count := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			served.Add(1)
			io.Copy(w, r.Body)
		})
		l := ratelimit.NewKeyed[netip.Prefix](ratelimit.Rate{}, burst, 100)
		server := httptest.NewServer(httplimit.Middleware(l, client)(count))
		t.Cleanup(server.Close)
		return server, served
	}
	t.Run("one client", func(t *testing.T) {
		server, served := start(t, httplimit.ClientIP())
		statuses := load(t, server, each, func(*http.Request, int, int) {})
		require.Equal(t, map[int]int{200: burst, 429: 8*each - burst}, statuses)
		require.EqualValues(t, burst, served.Load())
	})
	t.Run("one client with an address for each request", func(t *testing.T) {
		server, served := start(t, httplimit.ClientIP())
		load(t, server, each, func(r *http.Request, goroutine, i int) {
			r.Header.Set("X-Forwarded-For", netip.AddrFrom4([4]byte{203, 0, byte(goroutine), byte(i)}).String())
		})
		require.EqualValues(t, burst, served.Load())
	})
	t.Run("eight clients behind a proxy, each with an address for each request", func(t *testing.T) {
		server, served := start(t, httplimit.ClientIP(local))
		statuses := load(t, server, each, func(r *http.Request, goroutine, i int) {
			spoofed := netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}).String()
			r.Header.Set("X-Forwarded-For", spoofed+", 203.0.113."+strconv.Itoa(goroutine))
		})
		require.Equal(t, map[int]int{200: 8 * burst, 429: 8 * (each - burst)}, statuses)
		require.EqualValues(t, 8*burst, served.Load())
	})
	t.Run("a key function that panics for half of them", func(t *testing.T) {
		key := func(r *http.Request) netip.Prefix {
			if r.Header.Get("Panic") != "" {
				panic(http.ErrBodyNotAllowed)
			}
			return local
		}
		server, served := start(t, key)
		server.Config.ErrorLog = discard
		statuses := load(t, server, each, func(r *http.Request, _, i int) {
			if i%2 == 0 {
				r.Header.Set("Panic", "yes")
			}
		})
		require.Equal(t, map[int]int{200: burst, 429: 4*each - burst, 500: 4 * each}, statuses)
		require.EqualValues(t, burst, served.Load())
	})
	t.Run("a header of almost a million bytes", func(t *testing.T) {
		server, served := start(t, httplimit.ClientIP(local))
		long := strings.Repeat("127.0.0.1,", 90_000)
		statuses := load(t, server, 2, func(r *http.Request, _, _ int) { r.Header.Set("X-Forwarded-For", long+"203.0.113.7") })
		require.Equal(t, map[int]int{200: 16}, statuses)
		require.EqualValues(t, 16, served.Load())
	})
}

// ---- In fake time -------------------------------------------------------------

// inMemory is a server whose connections are pipes, so that it can be in a bubble, and a client of it.
func inMemory(t *testing.T, h http.Handler) (client *http.Client, close func()) {
	connections := make(pipes)
	server := &http.Server{Handler: h}
	served := make(chan error)
	go func() { served <- server.Serve(connections) }()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		here, there := net.Pipe()
		select {
		case connections <- there:
			return here, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	return &http.Client{Transport: transport}, func() {
		transport.CloseIdleConnections()
		require.NoError(t, server.Shutdown(context.Background()))
		require.ErrorIs(t, <-served, http.ErrServerClosed)
	}
}

// pipes is a listener.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if connection, ok := <-p; ok {
		return connection, nil
	}
	return nil, errors.New("closed")
}

func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// What a client reads of a response is what the draft says, byte for byte.
func TestOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, end := inMemory(t, behind(ratelimit.Every(time.Hour), 1))
		defer end()
		connection, err := client.Transport.(*http.Transport).DialContext(t.Context(), "", "")
		require.NoError(t, err)
		defer connection.Close()
		answers := bufio.NewReader(connection)
		for _, c := range []struct{ method, status, body string }{
			{"GET", "HTTP/1.1 200 OK", "hello"},
			{"GET", "HTTP/1.1 429 Too Many Requests", `{"type":"https://iana.org/assignments/http-problem-types#quota-exceeded",` +
				`"title":"Request cannot be satisfied as assigned quota has been exceeded","status":429,"violated-policies":["burst"]}`},
			{"HEAD", "HTTP/1.1 429 Too Many Requests", ""},
		} {
			_, err := io.WriteString(connection, c.method+" / HTTP/1.1\r\nHost: a.example\r\n\r\n")
			require.NoError(t, err)
			head, length := make(map[string]string), 0
			status, err := answers.ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, c.status+"\r\n", status)
			for {
				line, err := answers.ReadString('\n')
				require.NoError(t, err)
				name, value, more := strings.Cut(strings.TrimSpace(line), ": ")
				if !more {
					break
				}
				head[strings.ToLower(name)] = value
			}
			require.Equal(t, `"burst";q=1;w=3600`, head["ratelimit-policy"])
			require.Equal(t, `"burst";r=0;t=3600`, head["ratelimit"])
			if c.method == "GET" {
				length = len(c.body)
				require.Equal(t, strconv.Itoa(length), head["content-length"])
			}
			text := make([]byte, length)
			_, err = io.ReadFull(answers, text)
			require.NoError(t, err)
			require.Equal(t, c.body, string(text))
		}
	})
}

// A client that does as it is told asks twice at most: it is denied, waits, and is admitted.
func TestClientAndServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.NewKeyed[int](ratelimit.Per(2, 3*time.Second), 2, 1)
		client, end := inMemory(t, httplimit.Middleware(l, everybody)(hello))
		defer end()
		client.Transport = httplimit.Transport(client.Transport, ratelimit.New(ratelimit.Unlimited, 1))
		defer client.CloseIdleConnections()
		start := time.Now()
		var got []int
		for range 7 {
			response, err := client.Get("http://a.example/")
			require.NoError(t, err)
			response.Body.Close()
			got = append(got, response.StatusCode, int(time.Since(start)/time.Second))
		}
		require.Equal(t, []int{200, 0, 200, 0, 429, 0, 200, 2, 429, 2, 200, 3, 429, 3}, got)
	})
}

// A client that keeps to the rate is never denied.
func TestClientWithTheServersRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := ratelimit.PerSecond(3)
		client, end := inMemory(t, httplimit.Middleware(ratelimit.NewKeyed[int](rate, 5, 1), everybody)(hello))
		defer end()
		client.Transport = httplimit.Transport(client.Transport, ratelimit.New(rate, 5))
		defer client.CloseIdleConnections()
		start := time.Now()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				response, err := client.Get("http://a.example/")
				if assert.NoError(t, err) {
					response.Body.Close()
					assert.Equal(t, http.StatusOK, response.StatusCode)
				}
			})
		}
		all.Wait()
		require.Equal(t, 15*time.Second, time.Since(start))
	})
}
