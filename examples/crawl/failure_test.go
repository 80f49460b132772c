package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPagesThatFail(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	nobody := taken.Addr().String()
	require.NoError(t, taken.Close())
	at, s := onLoopback(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, anchors("/400", "/500", "/503", "/aborted", "/cut-off", "/garbage", "/headers", "http://"+nobody))
		case "/robots.txt":
			http.NotFound(w, r)
		case "/aborted":
			panic(http.ErrAbortHandler)
		case "/cut-off":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, anchors("/never-seen"))
		case "/garbage", "/headers":
			c, buffered, _ := w.(http.Hijacker).Hijack()
			defer c.Close()
			if r.URL.Path == "/headers" {
				fmt.Fprint(buffered, "HTTP/1.1 200 OK\r\n")
			}
			fmt.Fprint(buffered, "\x1b[31mred\r\n\r\n")
			buffered.Flush()
		default:
			var status int
			fmt.Sscanf(r.URL.Path, "/%d", &status)
			w.WriteHeader(status)
		}
	}))
	status, o := crawlFast(t, "-hosts", nobody, at)
	require.Equal(t, 1, status)
	broken := o.broken()
	require.Equal(t, "400 Bad Request", broken[at+"/400"])
	require.Equal(t, "500 Internal Server Error", broken[at+"/500"])
	require.Equal(t, "503 Service Unavailable", broken[at+"/503"])
	require.Equal(t, "unexpected EOF", broken[at+"/cut-off"])
	require.Equal(t, "EOF", broken[at+"/aborted"])
	require.Contains(t, broken[at+"/garbage"], "malformed HTTP")
	require.Contains(t, broken[at+"/headers"], "malformed MIME header")
	for url, reason := range broken {
		require.NotContains(t, reason, "\x1b", url)
	}
	require.Len(t, broken, 7)
	require.Len(t, o.Barred, 1)
	require.Contains(t, o.Barred[0].Reason, "robots.txt cannot be read: dial tcp "+nobody)
	require.Contains(t, o.Barred[0].Reason, "connection refused")
	for _, uri := range []string{"/400", "/500"} {
		require.Equal(t, 1, s.counts()[uri], "it says what it means")
	}
	for _, uri := range []string{"/503", "/cut-off"} {
		require.Equal(t, 2, s.counts()[uri], "%s may have been an accident", uri)
	}
	require.GreaterOrEqual(t, s.counts()["/aborted"], 2, "net/http tries again, too, where a connection was used before")
}

// What fails once is not broken.
func TestSecondAttempt(t *testing.T) {
	var failed atomic.Int64
	at, s := onLoopback(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/page" && failed.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		pages{"/": anchors("/page"), "/page": anchors("/last"), "/last": ""}.ServeHTTP(w, r)
	}))
	status, _ := crawlFast(t, at)
	require.Zero(t, status)
	require.Equal(t, map[string]int{"/robots.txt": 1, "/": 1, "/page": 2, "/last": 1}, s.counts())
}

// endless is HTML that does not end, with a link at its beginning.
type endless struct{ written atomic.Int64 }

func (e *endless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	switch r.URL.Path {
	case "/":
		fmt.Fprint(w, anchors("/endless"))
	case "/endless":
		fmt.Fprint(w, anchors("/last"))
		for block := strings.Repeat("x ", 32<<10); ; {
			n, err := io.WriteString(w, block)
			e.written.Add(int64(n))
			if err != nil {
				return // the client has had enough
			}
		}
	}
}

func TestEndlessPage(t *testing.T) {
	e := &endless{}
	at, s := onLoopback(t, e)
	status, o := crawlFast(t, at)
	require.Zero(t, status)
	require.Equal(t, 1, s.counts()["/last"])
	require.Equal(t, 1, o.Totals.Cut)
	require.EqualValues(t, mostRead+len(anchors("/endless")), o.Totals.Bytes)
	require.Less(t, e.written.Load(), int64(4*mostRead+16<<20), "and what buffers hold")
}

func TestPageWithTooManyLinks(t *testing.T) {
	var links []string
	for i := range 2 * mostLinks {
		links = append(links, fmt.Sprint("/", i))
	}
	at, _ := onLoopback(t, pages{"/": anchors(links...)})
	_, o := crawlFast(t, "-depth", "0", at)
	require.Equal(t, 1, o.Totals.Cut)
	require.Equal(t, mostLinks, o.Totals.Deeper)
	_, o = crawlFast(t, "-depth", "0", "-pages", "1", at)
	require.Equal(t, mostKnown-1, o.Totals.Deeper, "so many are known for each page that may be fetched")
	require.Equal(t, mostLinks-(mostKnown-1), o.Totals.Beyond)
}

// An endless site is left after so many pages; those that are barred are none of them.
func TestEndlessSite(t *testing.T) {
	at, s := onLoopback(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			fmt.Fprint(w, "User-agent: *\nDisallow: /barred")
			return
		}
		var n int
		fmt.Sscanf(r.URL.Path, "/%d", &n)
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, anchors(fmt.Sprint("/barred/", n), fmt.Sprint("/", 2*n+1), fmt.Sprint("/", 2*n+2)))
	}))
	status, o := crawlFast(t, "-depth", "1000", "-pages", "50", at)
	require.Zero(t, status)
	require.Equal(t, 50, o.Totals.Fetched)
	require.Len(t, s.counts(), 51)
	require.Greater(t, len(o.Barred), 10)
	require.Equal(t, 50+51, len(o.Barred)+o.Totals.Beyond)
}

func TestSlowAnswers(t *testing.T) {
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/never":
			<-r.Context().Done()
		case "/drips":
			w.Header().Set("Content-Type", "text/html")
			for drip := time.Tick(time.Second); ; {
				fmt.Fprint(w, "drip")
				w.(http.Flusher).Flush()
				select {
				case <-drip:
				case <-r.Context().Done():
					return
				}
			}
		case "/in time":
			time.Sleep(9 * time.Second) // of fake time
		default:
			pages{"/": anchors("/never", "/drips", "/in time")}.ServeHTTP(w, r)
		}
	})
	inBubble(t, map[string]http.Handler{"site": slow}, func(t *testing.T, base *http.Transport) {
		began := time.Now()
		status, o := inJSON(t, base, "-timeout", "10s", "-concurrency", "3", "http://site")
		require.Equal(t, 1, status)
		const reason = "no answer within 10s, or not all of it"
		require.Equal(t, map[string]string{"http://site/never": reason, "http://site/drips": reason}, o.broken())
		require.Less(t, time.Since(began), 23*time.Second, "two attempts, and the second soon after the first")
	})
}

// HTTP/2 has other errors for the same.
func TestSlowAnswersOverHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/robots.txt":
			http.NotFound(w, r)
		case "/never":
			<-r.Context().Done()
		default:
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, r.Proto, anchors("/never"))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	base := newTransport()
	base.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	status, o := inJSON(t, base, "-timeout", "100ms", server.URL, server.URL+"/never")
	require.Equal(t, 1, status)
	const reason = "no answer within 100ms, or not all of it"
	require.Equal(t, map[string]string{server.URL + "/": reason, server.URL + "/never": reason}, o.broken())
}
