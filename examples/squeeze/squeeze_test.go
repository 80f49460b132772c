package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSameBytesWhateverTheWorkers(t *testing.T) {
	dir := makeTree(t, 300)
	var first []byte
	for _, workers := range []int{1, 2, 8} {
		s := newFixture(t, dir)
		s.workers = workers
		require.Zero(t, s.squeeze(t.Context()), s.stderr.String())
		packed, err := os.ReadFile(s.out)
		require.NoError(t, err)
		if first == nil {
			first = packed
		}
		require.True(t, bytes.Equal(first, packed), "%d workers", workers)
		s.requireOnly(t, "out.zip")
	}
}

func TestSameBytesForAnotherCheckout(t *testing.T) {
	var archives [2][]byte
	for i := range archives {
		dir := makeTree(t, 20)
		if i == 1 {
			long := time.Now().Add(-1000 * time.Hour)
			require.NoError(t, os.Chtimes(filepath.Join(dir, "empty"), long, long))
			require.NoError(t, os.Chmod(filepath.Join(dir, "empty"), 0o664))
			link := filepath.Join(t.TempDir(), "link")
			require.NoError(t, os.Symlink(dir, link))
			dir = link
		}
		s := newFixture(t, dir)
		s.out = filepath.Join(dir, "out.zip") // in the tree, and never in itself
		for range 2 {
			require.Zero(t, s.squeeze(t.Context()), s.stderr.String())
		}
		var err error
		archives[i], err = os.ReadFile(s.out)
		require.NoError(t, err)
	}
	require.True(t, bytes.Equal(archives[0], archives[1]))
}

func TestHoldsTheTree(t *testing.T) {
	dir := makeTree(t, 50)
	s := newFixture(t, dir)
	require.Zero(t, s.squeeze(t.Context()), s.stderr.String())
	require.Contains(t, s.stdout.String(), fmt.Sprintf("out.zip: %d files", 50+specialFiles))
	require.Empty(t, s.stderr.String())

	found := contents(t, s.out)
	require.Len(t, found, 50+specialFiles)
	large, err := os.ReadFile(filepath.Join(dir, "sub1/large"))
	require.NoError(t, err)
	require.Equal(t, "-rw-r--r-- "+string(large), found["sub1/large"])
	require.Equal(t, "-rw-r--r-- "+strings.Repeat("line 9\n", 9), found["sub2/file009"])
	require.Equal(t, "-rw-r--r-- ", found["empty"])
	require.Equal(t, "-rwxr-xr-x #!/bin/sh\n", found["script"])
	require.Equal(t, "-rw-r--r-- Hallo", found["grüße"])
	require.Equal(t, "-rw-r--r-- any bytes are a name", found[oddName()])
	require.Equal(t, "Lrwxrwxrwx nowhere", found["dangling"])
	require.Equal(t, "Lrwxrwxrwx .", found["loop"])
}

func TestOpensWithUnzip(t *testing.T) {
	unzip, err := exec.LookPath("unzip")
	if err != nil {
		t.Skip("there is no unzip on this machine; TestHoldsTheTree has read the archive with archive/zip")
	}
	dir := makeTree(t, 50)
	require.NoError(t, os.Remove(filepath.Join(dir, oddName()))) // unzip would give it another name
	s := newFixture(t, dir)
	require.Zero(t, s.squeeze(t.Context()), s.stderr.String())
	unpacked := t.TempDir()
	output, err := exec.Command(unzip, "-q", s.out, "-d", unpacked).CombinedOutput()
	require.NoError(t, err, string(output))

	before, _, err := list(t.Context(), dir)
	require.NoError(t, err)
	after, _, err := list(t.Context(), unpacked)
	require.NoError(t, err)
	require.Len(t, after, len(before))
	for i, f := range before {
		require.Equal(t, f.name, after[i].name)
		require.Equal(t, read(t, f), read(t, after[i]), f.name)
	}
}

func read(t *testing.T, f source) string {
	r, err := openSource(f.path, f.info.Mode())
	require.NoError(t, err)
	defer r.Close()
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	return f.info.Mode().Type().String() + string(content)
}

func TestProgressComesOutEven(t *testing.T) {
	for name, c := range map[string]struct{ expected, content int64 }{
		"as it was": {1000, 1000}, "grown": {1000, 1500}, "shrunk": {1000, 10}, "vanished": {1000, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var seen int64
			m := &meter{expected: c.expected, advance: func(n int64) { seen += n }}
			m.source = io.LimitReader(reader(func(p []byte) (int, error) { return min(len(p), 7), nil }), c.content)
			n, err := io.Copy(io.Discard, m)
			require.NoError(t, err)
			require.Equal(t, c.content, n)
			m.finish()
			require.Equal(t, c.expected, seen)
		})
	}
}

func TestCommandLine(t *testing.T) {
	dir, out := makeTree(t, 3), filepath.Join(t.TempDir(), "out.zip")
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"packs":           {[]string{"-dir", dir, "-out", out, "-workers", "3"}, 0, ""},
		"help":            {[]string{"-h"}, 0, "Exit status"},
		"unknown flag":    {[]string{"-fast"}, 2, "not defined: -fast"},
		"no workers":      {[]string{"-workers", "0"}, 2, "-workers must be at least 1, not 0"},
		"stray argument":  {[]string{"-dir", dir, "more"}, 2, `unexpected argument "more"`},
		"wrong directory": {[]string{"-dir", out + "/none"}, 1, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			require.Equal(t, c.status, run(t.Context(), c.args, &stdout, &stderr))
			require.Contains(t, stderr.String(), c.says)
		})
	}
	require.Len(t, contents(t, out), 3+specialFiles)
}
