//go:build unix

package main

import (
	"bufio"
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// enterEndlessTree makes two files that take no room, and to read them minutes at least.
func enterEndlessTree(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"1", "2"} {
		write(t, name, "")
		require.NoError(t, os.Truncate(name, 1<<40))
	}
}

func TestSignalEndsTheProgram(t *testing.T) {
	myself, err := os.Executable() // os.Args[0] may depend on the directory
	require.NoError(t, err)
	enterEndlessTree(t)
	program := exec.Command(myself, "-json", "-watch", "-workers", "2", ".")
	program.Env = append(os.Environ(), asProgram+"=1")
	var stdout strings.Builder
	program.Stdout = &stdout
	stderr, err := program.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, program.Start())
	defer program.Process.Kill() // if a check fails before it has ended
	lines := bufio.NewReader(stderr)
	for range 3 { // two beginnings, and one of the two that follow
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		require.Contains(t, line, "opens ")
	}
	require.NoError(t, program.Process.Signal(os.Interrupt))
	rest, err := io.ReadAll(lines)
	require.NoError(t, err)
	require.EqualError(t, program.Wait(), "exit status 130")
	require.Contains(t, string(rest), "dupes: interrupted: 2 files were found, ")
	require.Contains(t, string(rest), "waiting", "the table all the same")
	require.Empty(t, stdout.String())
}

func TestCtrlCAnyTime(t *testing.T) {
	enterEndlessTree(t)
	for opened := range int64(4) {
		ctx, interrupt := context.WithCancel(t.Context())
		if opened == 0 {
			interrupt()
		}
		var begun atomic.Int64
		status, stdout, stderr := dupes(ctx, func(path string) (fs.File, error) {
			if begun.Add(1) == opened {
				interrupt()
			}
			return openFile(path)
		}, "-json", "-workers", "2", ".")
		interrupt()
		require.Equal(t, 130, status, "at %d", opened)
		require.Empty(t, stdout)
		require.Regexp(t, `^dupes: interrupted: [0-2] files were found, .* read\n$`, stderr)
	}
}

// Where it yields nothing, or to nobody, too.
func TestWalkEnds(t *testing.T) {
	enterOddTree(t)
	met := 0
	s := search{known: seen{}}
	require.NoError(t, s.walk(t.Context(), ".", func(file) bool { met++; return false }))
	require.Equal(t, 1, met)
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	require.ErrorIs(t, s.walk(ctx, "b", nil), context.Canceled)
}

// A pipe is where the walk has met a file: to open it would wait for somebody to write to it.
func TestPipeByNow(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "1", "same")
	write(t, "2", "same")
	require.NoError(t, syscall.Mkfifo("0", 0o644))
	status, o := inJSON(t, func(path string) (fs.File, error) {
		if path == "1" {
			require.NoError(t, os.Rename("0", path))
		}
		return openFile(path)
	}, ".")
	require.Equal(t, 1, status)
	require.Equal(t, map[string]string{"1": errChanged.Error()}, o.reasons())
	require.Equal(t, 1, o.Totals.Special)
}

// Not even root gets to where the path is longer than the system takes.
func TestDirectoryThatCannotBeRead(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "good", "same")
	write(t, "good, too", "same")
	dir, err := os.OpenRoot(".")
	require.NoError(t, err)
	name := strings.Repeat("d", 255)
	for range 17 {
		require.NoError(t, dir.Mkdir(name, 0o755))
		below, err := dir.OpenRoot(name)
		require.NoError(t, err)
		require.NoError(t, dir.Close())
		dir = below
	}
	require.NoError(t, dir.Close())
	status, o := inJSON(t, openFile, ".")
	require.Equal(t, 1, status)
	require.Equal(t, [][]string{{"good", "good, too"}}, o.paths())
	require.Len(t, o.Skipped, 1)
	require.Equal(t, "file name too long", o.Skipped[0].Reason)
}
