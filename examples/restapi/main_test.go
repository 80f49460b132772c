package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCommandLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	noDatabase := filepath.Join(t.TempDir(), "text")
	require.NoError(t, os.WriteFile(noDatabase, []byte(strings.Repeat("no database ", 100)), 0o644))
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"help":                     {[]string{"-h"}, 0, "Exit status"},
		"unknown flag":             {[]string{"-fast"}, 2, "not defined: -fast"},
		"stray argument":           {[]string{"books.db"}, 2, `unexpected argument "books.db"`},
		"negative limit":           {[]string{"-limit", "-1"}, 2, "-limit must be at least 0, not -1"},
		"profiles for all":         {[]string{"-pprof", "0.0.0.0:6060"}, 2, `such as 127.0.0.1:6060, not "0.0.0.0:6060"`},
		"profiles by name":         {[]string{"-pprof", "localhost:6060"}, 2, "-pprof must be a loopback address"},
		"profiles without address": {[]string{"-pprof", ":6060"}, 2, "-pprof must be a loopback address"},
		"address in use":           {[]string{"-addr", taken.Addr().String()}, 1, "address already in use"},
		"profiles' address in use": {[]string{"-pprof", taken.Addr().String()}, 1, "address already in use"},
		"address without a port":   {[]string{"-addr", "localhost"}, 1, "missing port in address"},
		"no such directory":        {[]string{"-db", filepath.Join(t.TempDir(), "none", "books.db")}, 1, "books.db: "},
		"no database":              {[]string{"-db", noDatabase}, 1, "file is not a database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			var stdout, stderr bytes.Buffer
			require.Equal(t, c.status, run(t.Context(), c.args, &stdout, &stderr))
			require.Contains(t, stderr.String(), c.says)
			require.Empty(t, stdout.String())
			requireNothingIn(t, os.TempDir())
		})
	}
}

func requireNothingIn(t *testing.T, dir string) {
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// begun is the standard output of a program, of which the first text says where the catalogue is.
type begun struct{ text chan string }

func newBegun() begun { return begun{make(chan string, 1)} }

func (b begun) Write(p []byte) (int, error) {
	select {
	case b.text <- string(p):
	default: // what follows is not looked at
	}
	return len(p), nil
}

// urlIn is the address behind some words; "" if they are not there, as the program has ended before it said them.
func urlIn(text, words string) string {
	_, text, _ = strings.Cut(text, words)
	return strings.TrimSuffix(strings.Fields(text + " -")[0], ".")
}

func TestRunsAndLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, interrupt := context.WithCancel(t.Context())
	stdout, ended := newBegun(), make(chan int)
	go func() { // until it is interrupted
		ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-pprof", "127.0.0.1:0"}, stdout, io.Discard)
		close(stdout.text)
	}()
	text := <-stdout.text
	at, profiles := urlIn(text, "The catalogue is at "), urlIn(text, "Profiles are at ")
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for url, want := range map[string]int{
		at + "/healthz": 200, at + "/books": 200, at + "/debug/pprof/": 404,
		profiles: 200, profiles + "heap": 200, profiles + "trace?seconds=0.001": 200, profiles + "../../books": 404,
	} {
		response, err := client.Get(url)
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, want, response.StatusCode, url)
	}
	interrupt()
	require.Zero(t, <-ended)
	requireNothingIn(t, os.TempDir())
}

// What is printed to be tried works, as a shell reads it.
func TestWhatIsPrinted(t *testing.T) {
	var text bytes.Buffer
	introduce(&text, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, "")
	_, body, found := strings.Cut(text.String(), " -d '")
	require.True(t, found)
	body, _, found = strings.Cut(body, "'")
	require.True(t, found)
	api := newAPI(t)
	require.Equal(t, http.StatusCreated, api.do("POST", "/books", body).Code)
	require.Contains(t, text.String(), "curl http://127.0.0.1:8080/books/1/summary\n")
	require.Equal(t, http.StatusOK, api.do("GET", "/books/1/summary", "").Code)
	require.Equal(t, 3, strings.Count(text.String(), "\n  curl "))
}
