package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/fanout"
)

// browser is an open event stream.
type browser struct {
	t     *testing.T
	conn  net.Conn
	lines *bufio.Reader
}

// watch opens a stream and reads its first line, after which it is subscribed.
func watch(t *testing.T, conn net.Conn) *browser {
	t.Cleanup(func() { conn.Close() })
	_, err := io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: gateway\r\n\r\n")
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	b := &browser{t, conn, bufio.NewReader(response.Body)}
	require.Equal(t, "retry: 1000", b.line())
	return b
}

// line returns the next line that is not empty.
func (b *browser) line() string {
	for {
		line, err := b.lines.ReadString('\n')
		require.NoError(b.t, err)
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			return line
		}
	}
}

func (b *browser) event() (e event) {
	data, found := strings.CutPrefix(b.line(), "data: ")
	require.True(b.t, found)
	require.NoError(b.t, json.Unmarshal([]byte(data), &e))
	return e
}

// requireEnd checks that the stream ends as a whole one does, and not in the middle.
func (b *browser) requireEnd() {
	rest, err := io.ReadAll(b.lines)
	require.NoError(b.t, err)
	require.Equal(b.t, ": the gateway ends", strings.TrimSpace(string(rest)))
}

func dial(t *testing.T, at string) net.Conn {
	conn, err := net.Dial("tcp", strings.TrimPrefix(at, "http://"))
	require.NoError(t, err)
	return conn
}

func TestTwoBrowsersSeeWhatIsAnswered(t *testing.T) {
	g, at := onLoopback(t, nil, says("x"))
	a, b := watch(t, dial(t, at)), watch(t, dial(t, at))
	for _, by := range []string{"first", "quorum", "hedge"} {
		_, _, _, err := get(t.Context(), at+"/item/tea?by="+by)
		require.NoError(t, err)
		for _, browser := range []*browser{a, b} {
			e := browser.event()
			require.Positive(t, e.Milliseconds)
			e.Milliseconds = 0
			require.Equal(t, event{Item: "tea", By: by, Replica: g.replicas[0].name, Asked: 1, Status: 200}, e)
		}
	}
	a.conn.Close() // one leaves, the other stays
	_, _, _, err := get(t.Context(), at+"/item/%0Adata:%20<b>")
	require.NoError(t, err)
	require.Equal(t, "\ndata: <b>", b.event().Item, "on one line")

	g.events.Close() // as the gateway does at its end
	b.requireEnd()
	watch(t, dial(t, at)).requireEnd() // who comes now is not kept
}

func TestFailuresAreEvents(t *testing.T) {
	g := inMemory(t, 10*ms, http.HandlerFunc(fails))
	told := g.events.Subscribe(1, 0)
	defer told.Close()
	ask(t.Context(), g, "/item/tea")
	e := <-told.C()
	e.Milliseconds = 0
	require.Equal(t, event{Item: "tea", By: "hedge", Asked: 1, Status: 502}, e)
}

// inBubble is a gateway behind the real server, whose connections are pipes.
func inBubble(t *testing.T) (g *gateway, dial func() net.Conn, end func()) {
	g = inMemory(t, 10*ms, says("x"))
	listener := newPipes()
	s := serve(listener, g.handler(), quiet)
	end = func() {
		g.events.Close()
		require.NoError(t, s.stop())
	}
	t.Cleanup(end)
	return g, listener.dial, end
}

func TestStreamOutlivesTheServersTimeLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, dial, _ := inBubble(t)
		b := watch(t, dial())
		began := time.Now()
		for i := range 100 {
			require.Equal(t, ": 0 events dropped so far", b.line())
			require.Equal(t, time.Duration(i+1)*heartbeat, time.Since(began))
		}
		g.report(t.Context(), event{Item: "tea"}, nil)
		require.Equal(t, "tea", b.event().Item)
		time.Sleep(writeWithin + ms)
		g.events.Close()
		b.requireEnd()
	})
}

// A browser stops reading, and reads on in time.
func TestSlowBrowserGetsTheLatest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, dial, _ := inBubble(t)
		slow, other := watch(t, dial()), watch(t, dial())
		began := time.Now()
		for i := range 1000 {
			g.report(t.Context(), event{Item: fmt.Sprint(i)}, nil)
			require.Equal(t, fmt.Sprint(i), other.event().Item)
			synctest.Wait() // until the one is stuck and the other waits
		}
		require.Zero(t, time.Since(began), "nobody was held up")
		require.Equal(t, "0", slow.event().Item, "that one was on its way")
		for i := 1000 - unread; i < 1000; i++ {
			require.Equal(t, fmt.Sprint(i), slow.event().Item)
		}
		require.Equal(t, fmt.Sprintf(": %d events dropped so far", 1000-unread-1), slow.line())
	})
}

func TestBrowserThatDoesNotReadIsLetGo(t *testing.T) {
	for name, c := range map[string]struct {
		events int
		after  time.Duration
	}{
		"while much happens":    {1000, writeWithin},
		"while nothing happens": {0, heartbeat + writeWithin},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, dial, _ := inBubble(t)
				stuck := watch(t, dial())
				began := time.Now()
				for i := range c.events {
					g.report(t.Context(), event{Item: fmt.Sprint(i)}, nil)
				}
				time.Sleep(c.after - ms)
				require.NoError(t, stuck.conn.SetWriteDeadline(time.Now()))
				_, err := stuck.conn.Write([]byte("x"))
				require.ErrorIs(t, err, os.ErrDeadlineExceeded, "it is still connected")
				time.Sleep(ms)
				synctest.Wait()
				_, err = io.ReadAll(stuck.conn)
				require.NoError(t, err, "the server has closed the connection")
				require.Equal(t, c.after, time.Since(began))
			})
		})
	}
}

func TestBrowserThatDoesNotReadDelaysTheEndOnlySoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, dial, end := inBubble(t)
		watch(t, dial())
		g.report(t.Context(), event{}, nil)
		synctest.Wait() // until it is being sent
		began := time.Now()
		end()
		require.InDelta(t, writeWithin.Seconds(), time.Since(began).Seconds(), 0.5, "the server looks twice a second")
	})
}

// withDeadlines makes a recorder do for a connection.
type withDeadlines struct{ *httptest.ResponseRecorder }

func (withDeadlines) SetWriteDeadline(time.Time) error { return nil }

func TestBrowserThatLeavesIsNoticedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := inMemory(t, 10*ms, says("x"))
		ctx, leave := context.WithCancel(t.Context())
		began, ended := time.Now(), make(chan struct{})
		go func() {
			defer close(ended)
			g.stream(withDeadlines{httptest.NewRecorder()}, httptest.NewRequestWithContext(ctx, http.MethodGet, "/events", nil))
		}()
		synctest.Wait()
		leave()
		<-ended
		require.Zero(t, time.Since(began))
		require.False(t, isKept(t, g), "it still takes part in the hub")

		told := g.events.Subscribe(1, fanout.DropOldest) // what isKept finds out
		defer told.Close()
		require.True(t, isKept(t, g))
	})
}

// isKept publishes an event and tells whether it is in some subscriber's buffer.
func isKept(t *testing.T, g *gateway) bool {
	item := strings.Repeat("x", 1000)
	bytes := weak.Make(unsafe.StringData(item))
	g.report(t.Context(), event{Item: item}, nil)
	runtime.GC()
	return bytes.Value() != nil
}
