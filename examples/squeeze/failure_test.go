package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnreadableFilesAreListedAndNotFatal(t *testing.T) {
	dir := makeTree(t, 40)
	s := newFixture(t, dir)
	bad := errors.New("bad sector")
	s.open = func(path string, mode fs.FileMode) (io.ReadCloser, error) {
		switch filepath.Base(path) {
		case "file001": // has vanished
			require.NoError(t, os.Remove(path))
		case "file002": // is a directory by now
			require.NoError(t, os.Remove(path))
			require.NoError(t, os.Mkdir(path, 0o755))
		case "large": // fails in the middle, when some of it is on disk already
			f, err := os.Open(path)
			require.NoError(t, err)
			defer f.Close()
			head := io.LimitReader(bytes.NewReader(must(io.ReadAll(f))), 2*packedInMemory)
			return reader(func(p []byte) (int, error) {
				if n, err := head.Read(p); err == nil {
					return n, nil
				}
				return 0, bad
			}), nil
		}
		return openSource(path, mode)
	}
	require.Equal(t, 1, s.squeeze(t.Context()))
	stderr := s.stderr.String()
	require.Contains(t, stderr, "3 could not be read:\n")
	require.Contains(t, stderr, `file001": no such file or directory`)
	require.Contains(t, stderr, `file002": is a directory`)
	require.Contains(t, stderr, `large": bad sector`)
	require.NotContains(t, stderr, "more")
	require.Contains(t, s.stdout.String(), fmt.Sprintf("%d files", 40+specialFiles-3))

	found := contents(t, s.out)
	require.Len(t, found, 40+specialFiles-3)
	require.NotContains(t, found, "sub1/large")
	s.requireOnly(t, "out.zip")
}

func TestLongListsOfUnreadableFilesAreCut(t *testing.T) {
	s := newFixture(t, makeTree(t, 40))
	s.open = func(path string, mode fs.FileMode) (io.ReadCloser, error) {
		if strings.HasPrefix(filepath.Base(path), "file0") || strings.HasPrefix(filepath.Base(path), "odd") {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
		}
		return openSource(path, mode)
	}
	require.Equal(t, 1, s.squeeze(t.Context()))
	require.Equal(t, 1+20+1, strings.Count(s.stderr.String(), "\n"))
	require.Contains(t, s.stderr.String(), "and 21 more\n")
	require.Contains(t, s.stderr.String(), strconv.Quote(oddName())[1:]+": permission denied", "no raw bytes on the terminal")
	require.Len(t, contents(t, s.out), specialFiles-1)
}

func TestFileThatGrowsWhileItIsRead(t *testing.T) {
	dir := makeTree(t, 9)
	s := newFixture(t, dir)
	s.open = func(path string, mode fs.FileMode) (io.ReadCloser, error) {
		f, err := openSource(path, mode)
		if filepath.Base(path) != "file008" {
			return f, err
		}
		t.Cleanup(func() { f.Close() })
		grown := false
		return reader(func(p []byte) (int, error) {
			n, err := f.Read(p[:1])
			if !grown {
				grown = true
				require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("line 8\n", 100)), 0o644))
			}
			return n, err
		}), nil
	}
	require.Zero(t, s.squeeze(t.Context()), s.stderr.String())
	require.Equal(t, "-rw-r--r-- "+strings.Repeat("line 8\n", 100), contents(t, s.out)["sub1/file008"])
}

func TestBadInput(t *testing.T) {
	dir := makeTree(t, 3)
	for name, c := range map[string]struct {
		change func(*fixture)
		says   string
	}{
		"no such directory":       {func(s *fixture) { s.dir = filepath.Join(dir, "none") }, "no such file or directory"},
		"a file for a directory":  {func(s *fixture) { s.dir = filepath.Join(dir, "empty") }, "is not a directory"},
		"nothing in it":           {func(s *fixture) { s.dir = t.TempDir() }, "nothing to pack"},
		"nowhere to write to":     {func(s *fixture) { s.out = filepath.Join(dir, "none", "out.zip") }, "no such file or directory"},
		"a directory to write to": {func(s *fixture) { s.out = dir }, "is not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFixture(t, dir)
			beside := filepath.Dir(s.out)
			c.change(s)
			require.Equal(t, 1, s.squeeze(t.Context()))
			require.Contains(t, s.stderr.String(), c.says)
			require.Equal(t, 1, strings.Count(s.stderr.String(), "\n"), "one line: %s", s.stderr.String())
			require.Empty(t, s.stdout.String())
			require.Empty(t, must(os.ReadDir(beside)))
		})
	}
}

// faultyFile fails as a file on a full disk does.
type faultyFile struct {
	*os.File
	room                *atomic.Int64 // negative: full
	syncFails, endFails bool
}

func (f faultyFile) Write(p []byte) (int, error) {
	if f.room.Add(-int64(len(p))) < 0 {
		return 0, &fs.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return f.File.Write(p)
}

func (f faultyFile) Sync() error {
	if f.syncFails {
		return syscall.ENOSPC
	}
	return f.File.Sync()
}

func (f faultyFile) Close() error {
	err := f.File.Close()
	if f.endFails {
		return syscall.ENOSPC
	}
	return err
}

func TestFullDisk(t *testing.T) {
	const plenty = 1 << 40
	dir := makeTree(t, 300)
	for name, c := range map[string]struct {
		archive, spools     int64 // how many bytes they may hold
		noFile              bool
		syncFails, endFails bool
	}{
		"at once":              {archive: 0, spools: plenty},
		"in the middle":        {archive: 20_000, spools: plenty},
		"in a temporary file":  {archive: plenty, spools: 1000},
		"no temporary file":    {archive: plenty, spools: plenty, noFile: true},
		"when all is synced":   {archive: plenty, spools: plenty, syncFails: true},
		"when all is finished": {archive: plenty, spools: plenty, endFails: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFixture(t, dir)
			require.NoError(t, os.WriteFile(s.out, []byte("yesterday's"), 0o644))
			var archiveRoom, spoolRoom atomic.Int64
			archiveRoom.Store(c.archive)
			spoolRoom.Store(c.spools)
			s.create = func(path string) (file, error) {
				spool := filepath.Base(path) != "archive"
				if spool && c.noFile {
					return nil, syscall.ENOSPC
				}
				f, err := os.Create(path)
				if spool {
					return faultyFile{f, &spoolRoom, false, false}, err
				}
				return faultyFile{f, &archiveRoom, c.syncFails, c.endFails}, err
			}
			require.Equal(t, 1, s.squeeze(t.Context()))
			require.Contains(t, s.stderr.String(), "out.zip was not written: ")
			require.Contains(t, s.stderr.String(), "no space left on device")
			require.Empty(t, s.stdout.String())
			s.requireOnly(t, "out.zip")
			require.Equal(t, "yesterday's", string(must(os.ReadFile(s.out))))
		})
	}
}
