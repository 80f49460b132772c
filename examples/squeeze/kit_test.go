package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// makeTree writes n small files, and among them what is not so plain.
func makeTree(t *testing.T, n int) (dir string) {
	dir = t.TempDir()
	write := func(name, content string, mode fs.FileMode) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), mode))
	}
	for i := range n {
		write(fmt.Sprintf("sub%d/file%03d", i%7, i), strings.Repeat(fmt.Sprintln("line", i), i), 0o644)
	}
	noise := make([]byte, 3*packedInMemory)
	rand.NewChaCha8([32]byte{}).Read(noise)
	write("sub1/large", string(noise), 0o600)
	write("empty", "", 0o644)
	write("script", "#!/bin/sh\n", 0o700)
	write("grüße", "Hallo", 0o644)
	write(oddName(), "any bytes are a name", 0o644)
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "dangling")))
	require.NoError(t, os.Symlink(".", filepath.Join(dir, "loop")))
	return dir
}

const specialFiles = 7 // of makeTree, beside the n

// oddName is as odd as the system allows: macOS wants UTF-8.
func oddName() string {
	if runtime.GOOS == "darwin" {
		return "odd \n\x1b"
	}
	return "odd \xff\n\x1b"
}

type fixture struct {
	config
	stdout, stderr bytes.Buffer
}

func newFixture(t *testing.T, dir string) *fixture {
	return &fixture{config: config{
		dir: dir, out: filepath.Join(t.TempDir(), "out.zip"), workers: 4, open: openSource, create: createFile,
	}}
}

func (s *fixture) squeeze(ctx context.Context) (status int) {
	return squeeze(ctx, s.config, &s.stdout, &s.stderr)
}

// requireOnly checks that nothing is beside the archive but what is named.
func (s *fixture) requireOnly(t *testing.T, names ...string) {
	entries, err := os.ReadDir(filepath.Dir(s.out))
	require.NoError(t, err)
	var found []string
	for _, e := range entries {
		found = append(found, e.Name())
	}
	require.Equal(t, names, found)
}

// contents reads an archive with the standard library, checksums included.
func contents(t *testing.T, path string) map[string]string {
	archive, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer archive.Close()
	found := make(map[string]string)
	for _, f := range archive.File {
		r, err := f.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		found[f.Name] = fmt.Sprint(f.Mode(), " ", string(content))
	}
	require.Len(t, found, len(archive.File), "names are unique")
	return found
}

// reader is a file whose content is read by a function.
type reader func(p []byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }

func (r reader) Close() error { return nil }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
