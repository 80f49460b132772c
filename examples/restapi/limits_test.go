package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// from sends a request of a client.
func from(h http.Handler, client, method, target string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = client + ":1234"
	r.Header.Set("Content-Type", "application/x-ndjson")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestEachClientHasALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := openStore(t.Context(), t.TempDir()+"/books.db")
		require.NoError(t, err)
		defer store.close()
		s := &server{store: store, ending: context.Background()}
		h := s.handler(2)
		for range 2 {
			w := from(h, "192.0.2.1", "GET", "/books/1")
			require.Equal(t, http.StatusNotFound, w.Code)
			require.Equal(t, `"burst";q=2;w=1`, w.Header().Get("RateLimit-Policy"))
		}
		w := from(h, "192.0.2.1", "GET", "/books/1")
		requireProblem(t, http.StatusTooManyRequests, "2 requests a second", w)
		require.Equal(t, "1", w.Header().Get("Retry-After"))
		require.Equal(t, http.StatusNotFound, from(h, "192.0.2.2", "GET", "/books/1").Code, "another client")
		require.Equal(t, http.StatusOK, from(h, "192.0.2.1", "GET", "/healthz").Code, "is not limited")
		time.Sleep(time.Second / 2)
		require.Equal(t, http.StatusNotFound, from(h, "192.0.2.1", "GET", "/books/1").Code, "one of two is refilled")
		require.Equal(t, http.StatusTooManyRequests, from(h, "192.0.2.1", "GET", "/books/1").Code)
	})
}

func requireOverload(t *testing.T, says string, w *httptest.ResponseRecorder) {
	requireProblem(t, http.StatusServiceUnavailable, says, w)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
}

func TestLoadIsShed(t *testing.T) {
	s := newServer(t)
	h := s.handler(1000)
	require.True(t, s.load.TryAcquire(atOnce-importCost))
	require.Equal(t, http.StatusOK, from(h, "192.0.2.1", "POST", "/import").Code, "there is just room")
	require.True(t, s.load.TryAcquire(1))
	requireOverload(t, "too many requests at once", from(h, "192.0.2.1", "POST", "/import"))
	require.True(t, s.load.TryAcquire(importCost-2))
	for range 3 { // each gives its place back
		require.Equal(t, http.StatusOK, from(h, "192.0.2.1", "GET", "/books").Code, "there is just room")
	}
	require.True(t, s.load.TryAcquire(1))
	for _, target := range []string{
		"GET /books", "POST /books", "GET /books/1", "PUT /books/1", "DELETE /books/1", "GET /books/1/summary",
		"GET /pragmas",
	} {
		method, path, _ := strings.Cut(target, " ")
		requireOverload(t, "too many requests at once", from(h, "192.0.2.1", method, path))
	}
	require.Equal(t, http.StatusOK, from(h, "192.0.2.1", "GET", "/healthz").Code, "uses no SQL")
	s.load.Release(atOnce)
	require.Equal(t, http.StatusOK, from(h, "192.0.2.1", "GET", "/books").Code)
}

func TestNoLimits(t *testing.T) {
	s := newServer(t)
	h := s.handler(0)
	require.Nil(t, s.load)
	for range 1000 {
		w := from(h, "192.0.2.1", "GET", "/books/1")
		require.Equal(t, http.StatusNotFound, w.Code)
		require.Empty(t, w.Header().Get("RateLimit"))
	}
}

// net/http can close the connection of a request that comes now, so it must not do anything.
func TestNothingBeginsWhenTheServiceEnds(t *testing.T) {
	s := newServer(t)
	ending, end := context.WithCancel(t.Context())
	s.ending = ending
	h := s.handler(0)
	end()
	for _, target := range []string{"POST /books", "GET /books", "POST /import"} {
		method, path, _ := strings.Cut(target, " ")
		w := from(h, "192.0.2.1", method, path)
		requireOverload(t, "the service is ending", w)
		require.Equal(t, "close", w.Header().Get("Connection"))
	}
}

// Who waits for a connection to the database too long is told so. Nothing has been done for it.
func TestWorkTakesTooLong(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, client *http.Client) {
		a := api{s, s.handler(0), t}
		a.do("POST", "/books", written(numbered(0)))
		for target, body := range map[string]string{
			"POST /books": written(numbered(1)), "PUT /books/1": written(numbered(2)), "DELETE /books/1": "",
		} {
			require.True(t, s.store.writer.places.TryAcquire(1))
			began := time.Now()
			method, path, _ := strings.Cut(target, " ")
			requireOverload(t, "the catalogue is busy", a.do(method, path, body))
			require.Equal(t, workWithin, time.Since(began))
			s.store.writer.places.Release(1)
		}
		readers := int64(s.store.reader.Stats().MaxOpenConnections)
		for _, path := range []string{"/books", "/books/1", "/books/1/summary", "/pragmas"} {
			require.True(t, s.store.reader.places.TryAcquire(readers))
			began := time.Now()
			requireOverload(t, "the catalogue is busy", a.do("GET", path, ""))
			require.Equal(t, workWithin, time.Since(began))
			s.store.reader.places.Release(readers)
		}
		require.Equal(t, 1, a.count())
	})
}

// A query that takes long is interrupted, and another can use its place.
func TestLongQueryIsCancelled(t *testing.T) {
	s := newServer(t)
	endless, err := s.store.reader.Prepare(`
		WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n`)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	var n int
	require.ErrorIs(t, s.store.ask(ctx, endless, 1, &n), context.DeadlineExceeded)
	readers := int64(s.store.reader.Stats().MaxOpenConnections)
	require.True(t, s.store.reader.places.TryAcquire(readers), "none is lost")
}

func TestReadersCannotWrite(t *testing.T) {
	_, err := newServer(t).store.reader.Exec("DELETE FROM books")
	require.ErrorContains(t, err, "readonly")
}

// Another program holds the lock, for longer than busy_timeout, which is cut short here.
func TestAnotherProgramWrites(t *testing.T) {
	api := newAPI(t)
	var file string
	require.NoError(t, api.store.reader.QueryRow("SELECT file FROM pragma_database_list").Scan(&file))
	other, err := openDB(file, "")
	require.NoError(t, err)
	defer other.Close()
	other.SetMaxOpenConns(1)
	_, err = api.store.writer.Exec("PRAGMA busy_timeout = 1")
	require.NoError(t, err)
	_, err = other.Exec("BEGIN IMMEDIATE")
	require.NoError(t, err)
	requireOverload(t, "the catalogue is busy", api.do("POST", "/books", written(numbered(0))))
	require.Equal(t, http.StatusOK, api.do("GET", "/books", "").Code, "readers wait for nobody")
	_, err = other.Exec("ROLLBACK")
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, api.do("POST", "/books", written(numbered(0))).Code)
}

// raw sends bytes on a connection of its own and returns what comes back until the service closes it, and when.
func raw(t *testing.T, client *http.Client, send func(net.Conn)) (answer string, after time.Duration) {
	conn, err := client.Transport.(*http.Transport).DialContext(t.Context(), "", "")
	require.NoError(t, err)
	began := time.Now()
	sent := make(chan struct{})
	go func() { // until the connection is closed
		defer close(sent)
		send(conn)
	}()
	defer func() {
		conn.Close()
		<-sent
	}()
	text, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(text), time.Since(began)
}

func TestSlowAndLongRequests(t *testing.T) {
	trickle := func(text string) func(net.Conn) {
		return func(c net.Conn) {
			fmt.Fprint(c, text)
			for {
				if _, err := c.Write([]byte("x")); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}
	}
	const (
		get  = "GET /healthz HTTP/1.1\r\nHost: service\r\n"
		post = "POST /books HTTP/1.1\r\nHost: service\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
	)
	send := func(text string) func(net.Conn) { return func(c net.Conn) { fmt.Fprint(c, text) } }
	long := get + "X-Long: " + strings.Repeat("x", 1<<20) + "\r\n\r\n"
	for name, c := range map[string]struct {
		send   func(net.Conn)
		says   string
		within time.Duration
	}{
		"says nothing":    {func(net.Conn) {}, "", readHeaderWithin},
		"slow header":     {trickle(get + "X-Slow: "), "", readHeaderWithin},
		"slow body":       {trickle(post), "HTTP/1.1 408 Request Timeout", readWithin},
		"no body":         {send(post), "HTTP/1.1 408 Request Timeout", readWithin},
		"long header":     {send(long), "HTTP/1.1 431", time.Second},
		"no HTTP":         {send("EHLO service\r\n\r\n"), "HTTP/1.1 400", time.Second},
		"idle afterwards": {send(get + "\r\n"), "HTTP/1.1 200", idleFor},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server, client *http.Client) {
				answer, after := raw(t, client, c.send)
				require.True(t, strings.HasPrefix(answer, c.says), answer)
				if c.says == "" {
					require.Empty(t, answer)
				}
				require.LessOrEqual(t, after, c.within+time.Second) // net/http waits a moment before it closes
				require.GreaterOrEqual(t, after, c.within-time.Second)
			})
		})
	}
}

// A client that asks and does not read is left when the time for the answer is over.
func TestClientThatDoesNotRead(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server, client *http.Client) {
		conn, err := client.Transport.(*http.Transport).DialContext(t.Context(), "", "")
		require.NoError(t, err)
		defer conn.Close()
		fmt.Fprint(conn, "GET /books HTTP/1.1\r\nHost: service\r\n\r\n")
		time.Sleep(answerWithin + time.Second)
		_, err = http.ReadResponse(bufio.NewReader(conn), nil)
		require.Error(t, err)
	})
}
