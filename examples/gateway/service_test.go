package main

import (
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestClientsThatStandStillAreLetGo(t *testing.T) {
	for name, c := range map[string]struct {
		sends string
		reads bool
		after time.Duration
	}{
		"in a request":             {"GET / HT", true, answerWithin},
		"before they read":         {"GET / HTTP/1.1\r\nHost: gateway\r\n\r\n", false, 2 * answerWithin},
		"before the next request":  {"GET / HTTP/1.1\r\nHost: gateway\r\n\r\n", true, time.Minute},
		"before the first request": {"", true, answerWithin},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, dial, _ := inBubble(t)
				conn, began := dial(), time.Now()
				_, err := io.WriteString(conn, c.sends)
				require.NoError(t, err)
				if !c.reads {
					time.Sleep(c.after)
					synctest.Wait()
				}
				_, err = io.ReadAll(conn) // until the server closes it
				require.NoError(t, err)
				require.Equal(t, c.after, time.Since(began))
			})
		})
	}
}

func TestListenerThatBreaks(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	s := serve(listener, http.NotFoundHandler(), quiet)
	require.ErrorIs(t, <-s.ended, net.ErrClosed)
	require.NoError(t, s.stop())
}
