package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestCommandLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"help":                   {[]string{"-h"}, 0, "Exit status"},
		"unknown flag":           {[]string{"-fast"}, 2, "not defined: -fast"},
		"stray argument":         {[]string{"http://replica"}, 2, `unexpected argument "http://replica"`},
		"negative delay":         {[]string{"-hedge-after", "-1s"}, 2, "-hedge-after must be at least 0, not -1s"},
		"no delay":               {[]string{"-hedge-after", "soon"}, 2, `invalid value "soon"`},
		"replica without http":   {[]string{"-replica", "localhost:80"}, 2, "want http://HOST or https://HOST"},
		"replica without host":   {[]string{"-replica", "http:///items"}, 2, "want http://HOST or https://HOST"},
		"replica not an URL":     {[]string{"-replica", "http://[::1"}, 2, `missing ']' in host`},
		"replicas and -bench":    {[]string{"-bench", "-replica", "http://localhost"}, 2, "leave -replica out"},
		"address in use":         {[]string{"-addr", taken.Addr().String()}, 1, "address already in use"},
		"address without a port": {[]string{"-addr", "localhost"}, 1, "missing port in address"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			require.Equal(t, c.status, run(t.Context(), c.args, &stdout, &stderr))
			require.Contains(t, stderr.String(), c.says)
			require.Empty(t, stdout.String())
		})
	}
}

// begun is the standard output of a program, of which the first text says where
// the gateway is.
type begun struct {
	text chan string
}

func (b begun) Write(p []byte) (int, error) {
	select {
	case b.text <- string(p):
	default: // what follows is not looked at
	}
	return len(p), nil
}

func (b begun) address(t *testing.T) string {
	text := <-b.text
	_, text, found := strings.Cut(text, "The gateway is at ")
	require.True(t, found)
	at, _, found := strings.Cut(text, ",")
	require.True(t, found)
	return at
}

func TestReplicasAreNamed(t *testing.T) {
	a, err := parseReplica("https://user:secret@a.example/items")
	require.NoError(t, err)
	var stdout bytes.Buffer
	introduce(&stdout, "http://gateway", []replica{a, {name: "b", url: a.url, note: "answers"}}, time.Second)
	require.Contains(t, stdout.String(), "\n  https://user:xxxxx@a.example/items\n")
	require.Contains(t, stdout.String(), "a.example/items  b answers\n")
	require.Equal(t, "a.example/items", a.name)
}

// Streams are open and a request is being answered when the gateway is told to end.
func TestEndsCleanly(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	replica, err := start("127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-answer // closed below
		says("x")(w, r)
	}), quiet)
	require.NoError(t, err)
	defer func() { require.NoError(t, replica.stop()) }()

	here := goleak.IgnoreCurrent()
	ctx, interrupt := context.WithCancel(t.Context())
	stdout := begun{make(chan string, 1)}
	ended := make(chan int)
	go func() {
		ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-replica", "http://" + replica.host}, stdout, io.Discard)
	}()
	at := stdout.address(t)
	a, b := watch(t, dial(t, at)), watch(t, dial(t, at))
	status := make(chan int)
	go func() {
		code, _, _, err := get(t.Context(), at+"/item/tea")
		if err != nil {
			t.Error(err)
		}
		status <- code
	}()
	<-asked
	interrupt()
	a.requireEnd()
	b.requireEnd()
	close(answer)
	require.Equal(t, http.StatusOK, <-status, "what was asked is answered")
	require.Zero(t, <-ended)
	goleak.VerifyNone(t, here) // no connection to the replica either
}

func TestItsOwnReplicas(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	stdout := begun{make(chan string, 1)}
	ended := make(chan int)
	go func() { ended <- run(ctx, []string{"-addr", "127.0.0.1:0"}, stdout, io.Discard) }()
	at := stdout.address(t)
	for _, by := range []string{"first", "hedge", "quorum"} {
		status, _, body, err := get(t.Context(), at+"/item/tea?by="+by)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status, body)
		require.Contains(t, body, `"item":"tea"`)
	}
	status, header, body, err := get(t.Context(), at+"/")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "text/html; charset=utf-8", header.Get("Content-Type"))
	require.Contains(t, body, "EventSource")
	require.NotContains(t, body, "://", "the page works offline")
	interrupt()
	require.Zero(t, <-ended)
}

// writer calls a function with what is written.
type writer func(string)

func (w writer) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}

func TestInterruptedBench(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	var stdout, stderr bytes.Buffer
	out := writer(func(text string) {
		stdout.WriteString(text)
		interrupt() // when it has said what it is about to do
	})
	require.Equal(t, 130, run(ctx, []string{"-bench"}, out, &stderr))
	require.Equal(t, "gateway: context canceled\n", stderr.String())
	require.NotContains(t, stdout.String(), "p99")
}
