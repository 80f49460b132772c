package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func smallTree() fstest.MapFS {
	return fstest.MapFS{
		"a.go":             {Data: []byte("package a\n")},
		"b/b.go":           {Data: []byte(strings.Repeat("package b\n", 1000))},
		"b/c/c.go":         {Data: []byte("package c\n// c\n")},
		"d/empty.go":       {Data: nil},
		".git/objects/ab":  {Data: []byte("not source")},
		"b/testdata/input": {Data: []byte("not source")},
		"_old/a.go":        {Data: []byte("not source")},
	}
}

// withBadFiles is a tree in which some files cannot be read.
type withBadFiles struct {
	fstest.MapFS
	bad func(name string) bool
}

func (w withBadFiles) ReadFile(name string) ([]byte, error) {
	if w.bad(name) {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrPermission}
	}
	return w.MapFS.ReadFile(name)
}

func TestGather(t *testing.T) {
	in, err := gather(t.Context(), smallTree())
	require.NoError(t, err)
	require.Equal(t, []file{{"a.go", 10}, {"b/b.go", 10_000}, {"b/c/c.go", 15}, {"d/empty.go", 0}}, in.files)
	require.EqualValues(t, 10_025, in.bytes)
	require.Equal(t, 4, in.directories)
	require.Equal(t, &directory{
		files: in.files[:1],
		below: []*directory{
			{files: in.files[1:2], below: []*directory{{files: in.files[2:3]}}},
			{files: in.files[3:]},
		},
	}, in.root)
	require.Empty(t, in.unreadable)
	require.False(t, in.cut)
}

func TestUnreadableFilesAreListedAndLeftOut(t *testing.T) {
	tree := withBadFiles{smallTree(), func(name string) bool { return name == "b/b.go" }}
	in, err := gather(t.Context(), tree)
	require.NoError(t, err)
	require.Len(t, in.files, 3)

	var out, errout bytes.Buffer
	(&tour{out: &out, errout: &errout}).introduce("tree", in)
	require.Equal(t, "tour: left out: read b/b.go: permission denied\n", errout.String())
	require.Contains(t, out.String(), "Input: tree, 3 files in 4 directories")
}

func TestManyUnreadableFilesAreNotAllListed(t *testing.T) {
	tree := fstest.MapFS{"good": {}}
	for i := range mostListed + 3 {
		tree[fmt.Sprintf("bad%02d", i)] = &fstest.MapFile{}
	}
	in, err := gather(t.Context(), withBadFiles{tree, func(name string) bool { return name != "good" }})
	require.NoError(t, err)
	var out, errout bytes.Buffer
	(&tour{out: &out, errout: &errout}).introduce("tree", in)
	require.Equal(t, mostListed+1, strings.Count(errout.String(), "\n"))
	require.True(t, strings.HasSuffix(errout.String(), "tour: left out: 3 more\n"))
}

func TestNothingReadable(t *testing.T) {
	_, err := gather(t.Context(), withBadFiles{smallTree(), func(string) bool { return true }})
	require.ErrorContains(t, err, "read a.go: permission denied")
	require.ErrorContains(t, err, "no file that can be read")
}

func TestTooMuchInputIsCut(t *testing.T) {
	tree := fstest.MapFS{}
	for i := range mostFiles + 1 {
		tree[fmt.Sprint(i)] = &fstest.MapFile{}
	}
	in, err := gather(t.Context(), tree)
	require.NoError(t, err)
	require.Len(t, in.files, mostFiles)
	require.True(t, in.cut)

	var out bytes.Buffer
	(&tour{out: &out}).introduce("tree", in)
	require.Contains(t, out.String(), "more was there than the tour takes")
}

func TestTooLargeFileIsPassedOver(t *testing.T) {
	in, err := gather(t.Context(), os.DirFS(treeWithSparseFile(t)))
	require.NoError(t, err)
	require.Equal(t, []file{{"small", 1}}, in.files)
	require.True(t, in.cut)
}

// treeWithSparseFile holds a file that is larger than the tour takes, without
// taking up the space.
func treeWithSparseFile(t *testing.T) string {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "large"), nil, 0o666))
	require.NoError(t, os.Truncate(filepath.Join(dir, "large"), mostBytes+1))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "small"), []byte("x"), 0o666))
	return dir
}

func TestInterruptedGatherStops(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	read := 0
	_, err := gather(ctx, withBadFiles{smallTree(), func(string) bool {
		if read++; read == 2 {
			cancel(stopped)
		}
		return false
	}})
	require.ErrorIs(t, err, stopped)
	require.Equal(t, 2, read)
}
