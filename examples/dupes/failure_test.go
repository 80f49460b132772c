package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUnreadableFilesAreListedAndNotFatal(t *testing.T) {
	t.Chdir(t.TempDir())
	then := time.Now().Add(-time.Hour)
	write := func(path string, size int) {
		write(t, path, content(size, "1"))
		require.NoError(t, os.Chtimes(path, then, then))
	}
	opened := map[string]func(path string) error{ // what happens to a file before it is opened
		"vanished":           os.Remove,
		"forbidden":          func(path string) error { return &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission} },
		"a directory by now": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o755)) },
		"another by now": func(path string) error {
			defer write(path, 5000)
			return os.Rename(path, "its inode is still in use")
		},
		"grown":   func(path string) error { write(path, 5001); return nil },
		"touched": func(path string) error { return os.Chtimes(path, then, time.Now()) },
	}
	read := map[string]func(path string) error{ // and before the rest is read
		"changes meanwhile": func(path string) error { return os.Chtimes(path, then, time.Now()) },
		"shrinks meanwhile": func(path string) error { return os.Truncate(path, 2000) },
		"shorter than said": func(string) error { return io.EOF },
		"bad sector":        func(string) error { return errors.New("bad sector") },
	}
	for _, path := range slices.Concat(slices.Collect(maps.Keys(opened)), slices.Collect(maps.Keys(read)), []string{"good", "good, too"}) {
		write(path, 5000)
	}
	status, o := inJSON(t, func(path string) (fs.File, error) {
		if happens, ok := opened[path]; ok {
			if err := happens(path); err != nil {
				return nil, err
			}
		}
		f, err := openFile(path)
		return fake{f, func(p []byte) (int, error) {
			if happens, ok := read[path]; ok && len(p) > headSize {
				if err := happens(path); err != nil {
					return 0, err
				}
			}
			return f.Read(p)
		}, func() {}}, err
	}, ".")
	require.Equal(t, 1, status)
	require.Equal(t, [][]string{{"good", "good, too"}}, o.paths())
	changed := errChanged.Error()
	require.Equal(t, map[string]string{
		"vanished": "no such file or directory", "forbidden": "permission denied", "bad sector": "bad sector",
		"a directory by now": changed, "another by now": changed, "grown": changed, "touched": changed,
		"changes meanwhile": changed, "shrinks meanwhile": changed, "shorter than said": changed,
	}, o.reasons())
	require.IsIncreasing(t, slices.Collect(func(yield func(string) bool) {
		for _, s := range o.Skipped {
			yield(s.Path)
		}
	}))
}

func TestModesThatForbid(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything; TestUnreadableFilesAreListedAndNotFatal and TestDirectoryThatCannotBeRead have shown the same")
	}
	t.Chdir(t.TempDir())
	for _, name := range []string{"dir/a", "file", "good", "good, too"} {
		write(t, name, "same")
	}
	require.NoError(t, os.Chmod("dir", 0))
	t.Cleanup(func() { os.Chmod("dir", 0o755) })
	require.NoError(t, os.Chmod("file", 0))
	status, o := inJSON(t, openFile, ".")
	require.Equal(t, 1, status)
	require.Equal(t, [][]string{{"good", "good, too"}}, o.paths())
	require.Equal(t, map[string]string{"dir": "permission denied", "file": "permission denied"}, o.reasons())
}

func TestLongListsOfUnreadableFilesAreCut(t *testing.T) {
	t.Chdir(t.TempDir())
	for i := range 50 {
		write(t, fmt.Sprint(i), "same")
	}
	write(t, oddName(), "same")
	status, stdout, stderr := dupes(t.Context(), func(path string) (fs.File, error) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}, ".")
	require.Equal(t, 1, status)
	require.Regexp(t, "\n51 files, .* 0 groups", stdout)
	require.Equal(t, 1+20+1, bytes.Count([]byte(stderr), []byte("\n")))
	require.Contains(t, stderr, "and 31 more; -json")
}

// full is an output on a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestOutputThatFails(t *testing.T) {
	for _, format := range []string{"-json=true", "-json=false"} {
		var stderr bytes.Buffer
		require.Equal(t, 1, run(t.Context(), []string{format, t.TempDir()}, openFile, full{}, &stderr))
		require.Equal(t, "dupes: no space left on device\n", stderr.String())
	}
}
