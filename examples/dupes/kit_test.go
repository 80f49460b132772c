package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// asProgram in the environment makes this binary the program itself, which says
// what it opens.
const asProgram = "DUPES_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(program(func(path string) (fs.File, error) {
			fmt.Fprintln(os.Stderr, "opens", path)
			return openFile(path)
		}))
	}
	goleak.VerifyTestMain(m)
}

func write(t *testing.T, path, content string) {
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}

// content is n bytes, the last of which is end.
func content(n int, end string) string { return strings.Repeat("x", n-1) + end }

// enterOddTree makes a tree of what can be in one, and makes it the working
// directory.
func enterOddTree(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "a/large", content(5000, "1"))
	write(t, "b/large", content(5000, "1"))
	write(t, "b/other end", content(5000, "2"))
	write(t, "b/other beginning", "y"+content(4999, "1"))
	write(t, "b/other size", content(6000, "1"))
	write(t, "b/other size and beginning", "y"+content(5999, "1"))
	write(t, "just a beginning 1", content(headSize, "1"))
	write(t, "just a beginning 2", content(headSize, "1"))
	write(t, "just as much wasted 1", content(18, "1"))
	write(t, "just as much wasted 2", content(18, "1"))
	write(t, "alone", content(77, "1"))
	for _, name := range []string{"small", "small <&> grüße", oddName(), `"small"`} {
		write(t, name, "small\n")
	}
	write(t, "empty 1", "")
	write(t, "empty 2", "")
	require.NoError(t, os.Link("a/large", "a/one more name"))
	require.NoError(t, os.Symlink("small", "link"))
	require.NoError(t, os.Symlink("nowhere", "dangling"))
	require.NoError(t, os.Symlink("..", "a/loop"))
	listener, err := net.Listen("unix", "socket")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
}

// oddName is as odd as the system allows: macOS wants UTF-8.
func oddName() string {
	if runtime.GOOS == "darwin" {
		return "odd \n\x1b"
	}
	return "odd \xff\n\x1b"
}

// dupes runs the program.
func dupes(ctx context.Context, open opener, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(ctx, args, open, &out, &errs)
	return status, out.String(), errs.String()
}

// output is what -json prints, as a program that reads it would declare it.
type output struct {
	Groups  []struct{ Paths []string }
	Skipped []struct{ Path, Reason string }
	Totals  totals
}

func (o output) paths() (groups [][]string) {
	for _, g := range o.Groups {
		groups = append(groups, g.Paths)
	}
	return groups
}

func (o output) reasons() map[string]string {
	reasons := map[string]string{}
	for _, s := range o.Skipped {
		reasons[s.Path] = s.Reason
	}
	return reasons
}

func inJSON(t *testing.T, open opener, args ...string) (status int, o output) {
	status, stdout, _ := dupes(t.Context(), open, append([]string{"-json"}, args...)...)
	require.NoError(t, json.Unmarshal([]byte(stdout), &o))
	return status, o
}

// fake is a file with other ways to be read and closed.
type fake struct {
	fs.File
	read   func(p []byte) (int, error)
	closed func()
}

func (f fake) Read(p []byte) (int, error) { return f.read(p) }

func (f fake) Close() error {
	f.closed()
	return f.File.Close()
}

// plain is the whole work as a loop: the files with the same content, by what they
// contain.
func plain(t *testing.T, dir string) (groups [][]string) {
	names, infos := map[string][]string{}, map[string][]fs.FileInfo{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		require.NoError(t, err)
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		is := string(content)
		if is != "" && !slices.ContainsFunc(infos[is], func(other fs.FileInfo) bool { return os.SameFile(info, other) }) {
			names[is], infos[is] = append(names[is], path), append(infos[is], info)
		}
		return nil
	}))
	for _, paths := range names {
		if len(paths) > 1 {
			slices.Sort(paths)
			groups = append(groups, paths)
		}
	}
	return groups
}
