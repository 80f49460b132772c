package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fewer is what the tests measure, all of them.
var fewer = amounts{chunks: 20, pythonChunks: 2, tasks: 100, threads: 10, messages: 100}

func TestLanguages(t *testing.T) {
	var out strings.Builder
	require.NoError(t, fewer.show(t.Context(), &out))
	require.Regexp(t, `Go, fanout.Map +[\d.]+ ms +[\d.]+ ms +[\d.]+ ×`, out.String())
	require.Regexp(t, `Go, goroutines +100 +[\d.]+ µs`, out.String())
	require.Regexp(t, `Go, a channel +[\d,]+ ns`, out.String())
	require.Regexp(t, `  Go\t\d of 8\n`, out.String())
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("the rest is of Python:", err)
	}
	require.Regexp(t, `Python, threads +[\d.,]+ ms +[\d.,]+ ms +[\d.]+ ×`, out.String())
	require.Regexp(t, `Python, asyncio +100 +[\d.]+ µs`, out.String())
	require.Regexp(t, `Python, queue.Queue +[\d,]+ ns`, out.String())
	require.Regexp(t, `  Python\t\d of 8\n`, out.String())
}

// What is not here is said, and the others are shown.
func TestLanguagesThatAreNotHere(t *testing.T) {
	goCommand, err := exec.LookPath("go")
	require.NoError(t, err)
	root, err := exec.Command(goCommand, "env", "GOROOT").Output()
	require.NoError(t, err)
	bin := t.TempDir()
	require.NoError(t, os.Symlink(goCommand, filepath.Join(bin, "go")))
	t.Setenv("GOROOT", strings.TrimSpace(string(root))) // through a link, it would not be found
	t.Setenv("PATH", bin)
	t.Setenv("BRAID_CLAIMS_DIR", t.TempDir())
	var out strings.Builder
	require.NoError(t, fewer.show(t.Context(), &out))
	require.Regexp(t, "Python, threads +no python3 on this machine\n", out.String())
	require.Regexp(t, "Rust, threads +not built; go run ./examples/claims prepare does that\n", out.String())
	require.Regexp(t, `Go, goroutines +100 +`, out.String())
	require.Len(t, regexp.MustCompile("no python3").FindAllString(out.String(), -1), 6)
}

func TestLanguagesStopAtADeadContext(t *testing.T) {
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	require.ErrorIs(t, fewer.show(ctx, new(strings.Builder)), stopped)
}

func TestALessonMayShowSomethingElse(t *testing.T) {
	out, errout := new(strings.Builder), new(strings.Builder)
	l := lesson{name: "other", work: "Look.", shows: func(_ context.Context, out io.Writer) error {
		_, err := io.WriteString(out, "something else\n")
		return err
	}}
	require.NoError(t, (&tour{out: out, errout: errout}).teach([]lesson{l}, &input{}))
	require.Contains(t, out.String(), "Look.\n\nsomething else\nWhere to read:         examples/tour/other.go")
}
