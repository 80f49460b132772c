package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOverlay(t *testing.T) {
	l := &lab{Dir: t.TempDir()}
	replaced := func(which func(string) bool) map[string]string {
		path, err := l.overlay(t.Context(), 77, which)
		require.NoError(t, err)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		var o struct{ Replace map[string]string }
		require.NoError(t, json.Unmarshal(text, &o))
		return o.Replace
	}

	line := replaced(func(source string) bool { return strings.Contains(source, changedLine) })
	require.Len(t, line, 1, "the line is in one file")
	for original, copied := range line {
		require.Equal(t, 1, linesThatDiffer(t, original, copied))
	}

	sources, err := filepath.Glob("../restapi/*.go")
	require.NoError(t, err)
	all := replaced(func(string) bool { return true })
	for _, source := range sources {
		path, err := filepath.Abs(source)
		require.NoError(t, err)
		if strings.HasSuffix(source, "_test.go") {
			require.NotContains(t, all, path)
			continue
		}
		require.Contains(t, all, path)
		require.NotZero(t, linesThatDiffer(t, path, all[path]))
	}
	_, err = l.overlay(t.Context(), 77, func(string) bool { return false })
	require.Error(t, err, "a build that changes nothing is none")
}

func linesThatDiffer(t *testing.T, a, b string) (n int) {
	before, err := os.ReadFile(a)
	require.NoError(t, err)
	after, err := os.ReadFile(b)
	require.NoError(t, err)
	x, y := bytes.Split(before, []byte("\n")), bytes.Split(after, []byte("\n"))
	for i := range y {
		if i >= len(x) || !bytes.Equal(x[i], y[i]) {
			n++
		}
	}
	return n
}

// The copy of the Rust package that is built has one line of its own, and the schema where its
// sources look for it.
func TestRustCopy(t *testing.T) {
	l := &lab{Dir: t.TempDir()}
	copied := l.builds("sources", "claims", "rust")
	require.NoError(t, copyTree(copied, "rust"))
	require.NoFileExists(t, filepath.Join(copied, "target"))
	require.FileExists(t, filepath.Join(copied, "Cargo.lock"))
	require.NoError(t, l.editRust(t.Context(), copied, 5))
	changed := 0
	files, err := filepath.Glob("rust/src/*.rs")
	require.NoError(t, err)
	for _, file := range files {
		changed += linesThatDiffer(t, file, filepath.Join(copied, "src", filepath.Base(file)))
	}
	require.Equal(t, 1, changed)
}

func TestColdBuildsAreRemembered(t *testing.T) {
	l := &lab{
		Dir:     t.TempDir(),
		asked:   []string{"go", "rust"},
		missing: map[string]string{"rust service": "no cargo on this machine"},
	}
	require.Equal(t, []figure{
		missing(coldBuild, "Go", "is timed by prepare, which was not run"),
		missing(coldBuild, "Rust", "no cargo on this machine"),
	}, l.coldBuilds())
	require.NoError(t, write(l.builds(buildsTimed), `{"go": {"All": 38.5, "Driver": 34}}`))
	require.Equal(t, []figure{
		one(coldBuild, "Go", 38.5, "s"), one(coldDriver, "Go", 34, "s"),
		missing(coldBuild, "Rust", "no cargo on this machine"),
	}, l.coldBuilds())
}

// Without a tool chain the row says so, and nothing failed.
func TestBuildsWithoutToolChains(t *testing.T) {
	l := labWith(100)
	l.Dir, l.Quick = t.TempDir(), true
	l.missing = map[string]string{
		"go service":   "no go on this machine",
		"rust service": "no cargo on this machine",
		"python":       "no python3 on this machine",
	}
	o := measureBuilds(t.Context(), l)
	require.NoError(t, errors.Join(o.Err))
	require.Equal(t, notHere, o.Verdict)
	require.Equal(t, "Go: no go on this machine.", o.Because)
}
