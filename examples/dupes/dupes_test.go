package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

var seconds = regexp.MustCompile(`("seconds": )[0-9.]+`)

func TestOddTreeInJSON(t *testing.T) {
	enterOddTree(t)
	for _, workers := range []string{"1", "2", "8"} {
		status, stdout, stderr := dupes(t.Context(), openFile, "-json", "-workers", workers, ".", "none")
		require.Equal(t, 1, status, "because of none")
		require.Equal(t, "dupes: 1 could not be read:\n  none: no such file or directory\n", stderr)
		odd, err := json.Marshal(pathname(oddName()))
		require.NoError(t, err)
		require.Equal(t, strings.ReplaceAll(golden, "ODD", string(odd)), seconds.ReplaceAllString(stdout, "${1}0"))
	}
}

const golden = `{
  "groups": [
    {
      "size": 5000,
      "sha256": "8072004f9d272494d6d5b8f945313dfcba4f5fd0be9511fcd2d02b50b421f8cf",
      "paths": [
        "a/large",
        "b/large"
      ]
    },
    {
      "size": 1024,
      "sha256": "b7ee85ac1b8aeca4ed3e05d307a76e83054357a3a6de0ec56cc5635dcf497107",
      "paths": [
        "just a beginning 1",
        "just a beginning 2"
      ]
    },
    {
      "size": 6,
      "sha256": "4c47b3e816fbe7d40cef9f665ba8f0be1ae68b5e8e7ed70f5b6bab7f70528e8f",
      "paths": [
        "\"\\\"small\\\"\"",
        ODD,
        "small",
        "small <&> grüße"
      ]
    },
    {
      "size": 18,
      "sha256": "660d2772567fa6a7250a8ca2e7a3963855e8b793fafaee86ee69e69dc2129a2e",
      "paths": [
        "just as much wasted 1",
        "just as much wasted 2"
      ]
    }
  ],
  "skipped": [
    {
      "path": "none",
      "reason": "no such file or directory"
    }
  ],
  "totals": {
    "files": 15,
    "bytes": 34185,
    "read": 23252,
    "groups": 4,
    "wasted": 6060,
    "seconds": 0,
    "small": 2,
    "symlinks": 3,
    "hardlinks": 1,
    "special": 1
  }
}
`

func TestOddTreeInText(t *testing.T) {
	enterOddTree(t)
	status, stdout, stderr := dupes(t.Context(), openFile, ".")
	require.Zero(t, status, stderr)
	require.Empty(t, stderr)
	require.Regexp(t, `^5.0 kB wasted by 2 files of 5.0 kB
  a/large
  b/large

1.0 kB wasted by 2 files of 1.0 kB
  just a beginning 1
  just a beginning 2

18 B wasted by 4 files of 6 B
  "\\"small\\""
  "odd (\\xff)?\\n\\x1b"
  small
  small <&> grüße

18 B wasted by 2 files of 18 B
  just as much wasted 1
  just as much wasted 2

passed over: 2 small, 3 symbolic links, 1 hard links, 1 special
15 files, .* kB, .* kB read; 4 groups, 6.1 kB wasted; 0\.\d{3} s
$`, stdout)
}

func TestOddNamesComeBack(t *testing.T) {
	for _, path := range []string{"plain", "a b", oddName(), "\xff", `"`, `"quoted"`, `a\b`, "new\nline", "grüße", "\ufffd"} {
		var decoded string
		encoded, err := json.Marshal(pathname(path))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(encoded, &decoded))
		for _, printed := range []string{decoded, pathname(path).String()} {
			if printed != path {
				unquoted, err := strconv.Unquote(printed)
				require.NoError(t, err, printed)
				require.Equal(t, path, unquoted)
			}
		}
	}
}

func TestSmallestSize(t *testing.T) {
	enterOddTree(t)
	for min, groups := range map[string]int{"0": 5, "1": 4, "6": 4, "7": 3, "5000": 1, "5001": 0} {
		status, o := inJSON(t, openFile, "-min", min, ".")
		require.Zero(t, status)
		require.Len(t, o.Groups, groups, "-min %s", min)
	}
}

func TestNoFileIsItsOwnDuplicate(t *testing.T) {
	enterOddTree(t)
	absolute, err := filepath.Abs("a")
	require.NoError(t, err)
	_, want := inJSON(t, openFile, ".")
	for name, c := range map[string]struct {
		dirs      []string
		hardlinks int
	}{
		"twice":               {[]string{".", "."}, 1},
		"one in the other":    {[]string{".", "a"}, 1},
		"the other way round": {[]string{"a", "."}, 1},
		"by another name":     {[]string{".", absolute}, 1},
		"through a link":      {[]string{".", "a/loop"}, 1},
		"a link alone":        {[]string{"a/loop"}, 1},
		"a file of it":        {[]string{".", "b/large"}, 2},
	} {
		status, o := inJSON(t, openFile, c.dirs...)
		require.Zero(t, status, name)
		require.Equal(t, want.Groups, o.Groups, name)
		want.Totals.Hardlinks, want.Totals.Seconds = c.hardlinks, o.Totals.Seconds
		require.Equal(t, want.Totals, o.Totals, name)
	}
}

// A size that nobody else has is as good as a hash, and so is a beginning.
func TestReadsNothingInVain(t *testing.T) {
	enterOddTree(t)
	var mu sync.Mutex
	opened := map[string]int{}
	status, o := inJSON(t, func(path string) (fs.File, error) {
		mu.Lock()
		defer mu.Unlock()
		opened[path]++
		return openFile(path)
	}, ".")
	require.Zero(t, status)
	require.Equal(t, map[string]int{
		"a/large": 2, "b/large": 2, "b/other end": 2, "b/other beginning": 1, "just a beginning 1": 1, "just a beginning 2": 1,
		"b/other size": 1, "b/other size and beginning": 1, "just as much wasted 1": 1, "just as much wasted 2": 1,
		"small": 1, "small <&> grüße": 1, oddName(): 1, `"small"`: 1,
	}, opened)
	require.EqualValues(t, 3*5000+(4+2+2)*headSize+2*18+4*len("small\n"), o.Totals.Read)
}

// However many files there are and however large, so many are open and so much of
// each is in memory.
func TestWhatIsOpenIsBounded(t *testing.T) {
	const workers, files, blocks = 3, 30, 64 << 10
	t.Chdir(t.TempDir())
	for i := range files {
		write(t, fmt.Sprint(i), content(2*blocks, "1"))
	}
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var begun, open, most atomic.Int64
		ended := make(chan output)
		go func() {
			_, o := inJSON(t, func(path string) (fs.File, error) {
				begun.Add(1)
				<-release // closed below
				n := open.Add(1)
				for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
				}
				f, err := openFile(path)
				return fake{f, func(p []byte) (int, error) {
					if len(p) > blocks {
						t.Errorf("asked for %d bytes at once", len(p))
					}
					return f.Read(p)
				}, func() { open.Add(-1) }}, err
			}, "-workers", fmt.Sprint(workers), ".")
			ended <- o
		}()
		synctest.Wait()
		require.EqualValues(t, workers, begun.Load(), "all workers are busy, and nobody else")
		close(release)
		o := <-ended
		require.Equal(t, files, len(o.Groups[0].Paths))
		require.LessOrEqual(t, most.Load(), int64(2*workers), "those of two stages")
	})
}

func TestNothing(t *testing.T) {
	status, stdout, _ := dupes(t.Context(), openFile, "-json", t.TempDir())
	require.Zero(t, status)
	require.Contains(t, stdout, `"groups": [],`)
	require.Contains(t, stdout, `"skipped": [],`)
}

func TestAgainstAPlainLoop(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	dir, err := filepath.EvalSymlinks(filepath.Join(strings.TrimSpace(string(root)), "src", "cmd"))
	require.NoError(t, err)
	status, o := inJSON(t, openFile, dir)
	require.Zero(t, status)
	require.NotEmpty(t, o.Groups)
	require.ElementsMatch(t, plain(t, dir), o.paths())
}

func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a"), "a")
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"finds":        {[]string{"-workers", "3", dir}, 0, ""},
		"help":         {[]string{"-h"}, 0, "Exit status"},
		"unknown flag": {[]string{"-fast"}, 2, "not defined: -fast"},
		"no workers":   {[]string{"-workers", "0"}, 2, "-workers must be 1 to 500, not 0"},
		"too many":     {[]string{"-workers", "501"}, 2, "-workers must be 1 to 500, not 501"},
		"no size":      {[]string{"-min", "few"}, 2, `invalid value "few"`},
		"no directory": {[]string{filepath.Join(dir, "none")}, 1, "no such file"},
		"as a table":   {[]string{"-watch", dir}, 0, "waiting"},
		"as a diagram": {[]string{"-mermaid", dir}, 0, "flowchart"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, stderr := dupes(t.Context(), openFile, c.args...)
			require.Equal(t, c.status, status)
			require.Contains(t, stderr, c.says)
		})
	}
}
