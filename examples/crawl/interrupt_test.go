//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// bottomless is a site of which every page leads to two others. It tells of each request.
func bottomless(asked func(n int64)) http.Handler {
	var requests atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		defer asked(n)
		pages{r.URL.Path: anchors("/missing", fmt.Sprint("/", 2*n), fmt.Sprint("/", 2*n+1)), "/robots.txt": ""}.ServeHTTP(w, r)
	})
}

// The program itself is sent a real signal in the middle of a crawl.
func TestSignalEndsTheProgram(t *testing.T) {
	begun := make(chan struct{})
	at, _ := onLoopback(t, bottomless(func(n int64) {
		if n == 20 {
			close(begun)
		}
	}))
	myself, err := os.Executable()
	require.NoError(t, err)
	program := exec.Command(myself, "-json", "-watch", "-rate", "1000", "-depth", "1000", at)
	program.Env = append(os.Environ(), asProgram+"=1")
	var stdout, stderr bytes.Buffer
	program.Stdout, program.Stderr = &stdout, &stderr
	require.NoError(t, program.Start())
	defer program.Process.Kill() // if a check fails before it has ended
	<-begun
	require.NoError(t, program.Process.Signal(os.Interrupt))
	require.EqualError(t, program.Wait(), "exit status 130")
	require.Regexp(t, `crawl: interrupted, \d+ pages were still to come\n$`, stderr.String())
	require.Contains(t, stderr.String(), "at work", "the table all the same")
	var o output
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &o))
	require.True(t, o.Totals.Interrupted)
}

func TestCtrlCAnyTime(t *testing.T) {
	for when := range int64(40) {
		ctx, interrupt := context.WithCancel(t.Context())
		if when == 0 {
			interrupt()
		}
		at, s := onLoopback(t, bottomless(func(n int64) {
			if n == when {
				interrupt()
			}
		}))
		status, stdout, stderr := runCrawl(ctx, newTransport(), append(fast, "-json", "-depth", "1000", at)...)
		interrupt()
		require.Equal(t, 130, status, "at %d", when)
		require.Regexp(t, `^crawl: interrupted, \d+ pages were still to come\n$`, stderr)
		var o output
		require.NoError(t, json.Unmarshal([]byte(stdout), &o))
		require.True(t, o.Totals.Interrupted)
		require.LessOrEqual(t, o.Totals.Fetched, len(s.counts()))
		require.Empty(t, o.broken(), "that something was interrupted says nothing about it")
	}
}
