//go:build unix

package main

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// The program itself, with its own replicas, is sent a real signal.
func TestSignalEndsTheProgram(t *testing.T) {
	for _, sent := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sent.String(), func(t *testing.T) {
			stdout := begun{make(chan string, 1)}
			var stderr bytes.Buffer
			program := exec.Command(os.Args[0], "-addr", "127.0.0.1:0")
			program.Env = append(os.Environ(), asProgram+"=1")
			program.Stdout, program.Stderr = stdout, &stderr
			require.NoError(t, program.Start())
			defer program.Process.Kill() // if a check fails before it has ended
			at := stdout.address(t)
			b := watch(t, dial(t, at))
			status, _, _, err := get(t.Context(), at+"/item/tea?by=first")
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, "tea", b.event().Item)

			require.NoError(t, program.Process.Signal(sent))
			b.requireEnd()
			require.NoError(t, program.Wait(), "status 0")
			require.Contains(t, stderr.String(), "signal received")
			require.NotContains(t, stderr.String(), "gateway: ")
		})
	}
}
