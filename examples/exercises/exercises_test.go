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
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The stub fails, the solution passes, and each cheat fails for the reason that is declared.
func TestExercises(t *testing.T) {
	for _, e := range exercises {
		t.Run(e.folder(), func(t *testing.T) {
			t.Parallel()
			c := courseIn(t, t.TempDir())
			put(t, c, e, "stub", e.original("exercise.go"))
			put(t, c, e, "solution", e.original("solution/exercise.go"))
			for _, cheat := range e.cheats {
				put(t, c, e, cheat.name, cheat.code(t, e))
			}
			built, err := c.build(t.Context(), "./variants/...") // all at once, which takes half the time
			require.NoError(t, err)
			require.True(t, built.succeeded, built.output)

			requireVerdict(t, c, "stub", notStarted, "")
			requireVerdict(t, c, "solution", done, "")
			for _, cheat := range e.cheats {
				if cheat.is == races && c.tools.raceless != "" {
					t.Log(cheat.name, "cannot be shown without the race detector:", c.tools.raceless)
					continue
				}
				requireVerdict(t, c, cheat.name, cheat.is, cheat.says)
			}
		})
	}
}

// put puts code, with the exercise's test, into a folder of its own.
func put(t *testing.T, c *course, e exercise, variant string, code []byte) {
	folder := filepath.Join(c.dir, "variants", variant)
	require.NoError(t, writeNew(filepath.Join(folder, "exercise.go"), code))
	require.NoError(t, writeNew(filepath.Join(folder, "exercise_test.go"), e.test()))
}

// code is what the cheat hands in: a program of its own, or the solution with a difference.
func (c cheat) code(t *testing.T, e exercise) []byte {
	difference, err := os.ReadFile(filepath.Join(e.folder(), "testdata", c.name+".diff"))
	if errors.Is(err, fs.ErrNotExist) {
		return e.original("testdata/" + c.name + ".go")
	}
	require.NoError(t, err)
	return applied(t, e.original("solution/exercise.go"), string(difference))
}

// applied is code with a difference, as diff writes it, without numbers of lines: what a hunk
// is about must be in the code once.
func applied(t *testing.T, code []byte, difference string) []byte {
	for _, hunk := range strings.Split("\n"+difference, "\n@@\n")[1:] {
		var old, new strings.Builder
		for line := range strings.Lines(strings.TrimSuffix(hunk, "\n") + "\n") {
			switch text := line[1:]; line[0] {
			case '-':
				old.WriteString(text)
			case '+':
				new.WriteString(text)
			default:
				old.WriteString(strings.TrimPrefix(line, " "))
				new.WriteString(strings.TrimPrefix(line, " "))
			}
		}
		require.Equal(t, 1, strings.Count("\n"+string(code), "\n"+old.String()), hunk)
		code = []byte(strings.Replace(string(code), old.String(), new.String(), 1))
	}
	return code
}

func requireVerdict(t *testing.T, c *course, variant string, want state, says string) {
	v, err := c.run(t.Context(), variant)
	require.NoError(t, err)
	assert.Equal(t, want, v.is, "%s: %s", variant, v.details)
	assert.Contains(t, v.details, says, variant)
}

// The folders and their cheats are those of the table, and nothing is in it that has no cheat.
func TestFolders(t *testing.T) {
	var declared []string
	for _, e := range exercises {
		require.Contains(t, e.cheats[0].name, "empty", e.name)
		for _, cheat := range e.cheats {
			declared = append(declared, e.folder()+"/testdata/"+cheat.name)
		}
		require.NotEmpty(t, e.hint, e.name)
		require.True(t, strings.HasPrefix(string(e.original("exercise_test.go")), "//go:build exercises\n\npackage exercise\n"), e.name)
		require.True(t, strings.HasPrefix(e.task(), "Package exercise is "), e.name)
	}
	found, err := filepath.Glob("[0-9]*/testdata/*")
	require.NoError(t, err)
	for i, file := range found {
		found[i] = strings.TrimSuffix(file, filepath.Ext(file))
	}
	require.ElementsMatch(t, declared, found)
	folders, err := filepath.Glob("[0-9]*")
	require.NoError(t, err)
	require.Len(t, folders, len(exercises))
}

// This folder's README is the same list, for who reads and does not run.
func TestReadmeListsTheExercises(t *testing.T) {
	var table strings.Builder
	table.WriteString("| | the exercise |\n|---|---|\n")
	for _, e := range exercises {
		fmt.Fprintf(&table, "| %d | [%s](%s/exercise.go) |\n", e.number, e.about, e.folder())
	}
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	require.Contains(t, string(readme), table.String())
}

// Whatever a learner writes, the answer is in words, comes soon, and the next exercise has its turn.
func TestWhateverLearnersWrite(t *testing.T) {
	const head = "package exercise\n\nimport \"context\"\n\n" +
		"func Map(ctx context.Context, workers int, in []int, f func(context.Context, int) (int, error)) ([]int, error) {\n"
	for name, test := range map[string]struct {
		code string
		want state
		says string
	}{
		"does not compile":   {head + "\treturn out, nil\n}\n", broken, "exercise.go:6:9: undefined: out"},
		"is no Go":           {"what?", broken, "exercise.go:1:1: expected 'package', found what"},
		"another package":    {"package main\n", broken, "found packages"},
		"lacks the function": {"package exercise\n", broken, "undefined: Map"},
		"empty file":         {"", broken, "expected 'package', found 'EOF'"},
		"infinite loop":      {head + "\tfor {\n\t}\n}\n", endless, ""},
		"appends for ever": {strings.Replace(head, "\"context\"", "(\n\"bytes\"\n\"context\"\n)", 1) +
			"\tvar all []byte\n\tfor {\n\t\tall = append(all, bytes.Repeat([]byte{1}, 1<<20)...)\n\t}\n}\n", greedy, ""},
		"goroutines for ever": {head + "\tfor {\n\t\tgo func() { select {} }()\n\t}\n}\n", greedy, ""},
		"prints for ever":     {head + "\tfor {\n\t\tprintln(1)\n\t}\n}\n", endless, ""},
		"deadlock":            {head + "\tselect {}\n}\n", deadlocked, "exercise.go:6, in a \"select (no cases)\""},
		"nil dereference":     {head + "\tvar p *int\n\treturn nil, f2(*p)\n}\n\nfunc f2(int) error { return nil }\n", panics, "nil pointer dereference"},
		"leaves the program":  {strings.Replace(head, "\"context\"", "(\n\"context\"\n\"os\"\n)", 1) + "\tos.Exit(0)\n\treturn nil, nil\n}\n", panics, "os.Exit"},
		"overflows":           {head + "\treturn Map(ctx, workers, in, f)\n}\n", panics, "stack overflow"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := courseIn(t, t.TempDir())
			if _, err := residentMemory(c.tools.proc, os.Getpid()); err != nil && test.want == greedy {
				t.Skip("nobody can watch the memory here:", err)
			}
			start := time.Now()
			v := c.tryCode(t, exercises[0], []byte(test.code))
			require.Equal(t, test.want, v.is, v.details)
			require.Contains(t, v.details, test.says)
			t.Log(time.Since(start))
		})
	}
}

func TestKilled(t *testing.T) {
	c := courseIn(t, t.TempDir())
	ran, err := c.execute(t.Context(), limits{time: time.Second / 10}, "sleep", "60")
	require.NoError(t, err)
	require.Equal(t, endless, judge(ran).is)
}

func TestMemoryWatch(t *testing.T) {
	const most = 1 << 20
	proc := t.TempDir()
	statm := func(resident int) {
		require.NoError(t, os.MkdirAll(proc+"/7", 0o777))
		numbers := fmt.Sprintf("9999999 %d 1 1 0 1 0\n", resident/os.Getpagesize())
		require.NoError(t, os.WriteFile(proc+"/7/statm", []byte(numbers), 0o666))
	}
	stopped := func() (stopped bool) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*lookAtMemory)
		defer cancel()
		watchMemory(ctx, proc, 7, most, func() { stopped = true })
		return stopped
	}
	require.False(t, stopped(), "no such process")
	statm(most)
	require.False(t, stopped())
	statm(most + os.Getpagesize())
	require.True(t, stopped())
}

// Where nobody can watch the memory, it is said.
func TestWithoutProc(t *testing.T) {
	c := courseIn(t, t.TempDir())
	c.tools.proc = t.TempDir()
	ran, err := c.execute(t.Context(), ofTests, "go", "version")
	require.NoError(t, err)
	require.True(t, ran.succeeded)
	var page bytes.Buffer
	c.explain(&page, nil, -1)
	require.Contains(t, page.String(), "Nobody has watched how much memory your programs take")
}

// What takes no C compiler is shown, and it is said what was not.
func TestWithoutCCompiler(t *testing.T) {
	c := courseIn(t, t.TempDir())
	c.tools.env = []string{"CGO_ENABLED=0"}
	require.Equal(t, done, c.tryCode(t, exercises[0], exercises[0].original("solution/exercise.go")).is)
	var page bytes.Buffer
	c.explain(&page, nil, -1)
	require.Contains(t, page.String(), "Nobody has looked for data races")
	require.Contains(t, page.String(), "-race requires cgo")
}

func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		ran  result
		want verdict
	}{
		"passes":              {result{succeeded: true, output: "PASS\n"}, verdict{is: done}},
		"ends without a word": {result{succeeded: true}, verdict{fails, "    The program ended before the test did. Something has called os.Exit.\n"}},
		"fails, though PASS":  {result{output: "PASS\n"}, verdict{fails, "    The program ended before the test did. Something has called os.Exit.\nPASS"}},
		"a race that passes":  {result{output: "==\nWARNING: DATA RACE\nPASS\n"}, verdict{races, "WARNING: DATA RACE\nPASS\n"}},
		"fails, then panics":  {result{output: "    exercise_test.go:5: no\npanic: oh"}, verdict{fails, "    exercise_test.go:5: no\n"}},
	} {
		require.Equal(t, test.want, judge(test.ran), name)
	}
}

func TestFind(t *testing.T) {
	for _, name := range []string{"1", "parallel-map", "01-parallel-map"} {
		e, err := find(name)
		require.NoError(t, err)
		require.Equal(t, 1, e.number)
	}
	_, err := find("77")
	require.EqualError(t, err, `there is no exercise "77"; go run ./examples/exercises lists them`)
}

func TestReset(t *testing.T) {
	dir := t.TempDir()
	c := courseIn(t, dir)
	e := exercises[0]
	require.NoError(t, os.WriteFile(c.file(e), []byte("mine"), 0o666))
	courseIn(t, dir)
	requireFile(t, "mine", c.file(e)) // opening it again does not change it
	require.NoError(t, c.reset(&bytes.Buffer{}, e))
	requireFile(t, string(e.original("exercise.go")), c.file(e))
	requireFile(t, "mine", c.file(e)+".old")
}

func TestNext(t *testing.T) {
	c := courseIn(t, t.TempDir())
	require.NoError(t, os.WriteFile(c.file(exercises[0]), exercises[0].original("solution/exercise.go"), 0o666))
	var page bytes.Buffer
	require.NoError(t, c.next(t.Context(), &page))
	require.True(t, strings.HasPrefix(page.String(), "2. leaves-early\n\nPackage exercise is "), page.String())
}

// This one uses real time: the watched files are real. It waits for words, not for a time.
func TestWatch(t *testing.T) {
	c := courseIn(t, t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var page shared
	ended := make(chan error)
	go func() { ended <- c.watch(ctx, &page) }()

	page.waitFor(t, "Waiting for you to save")
	require.Contains(t, page.String(), "not started  1  parallel-map")
	require.NoError(t, os.WriteFile(c.file(exercises[0]), exercises[0].original("solution/exercise.go"), 0o666))
	page.waitFor(t, "parallel-map has changed\ndone         1  parallel-map")
	require.NoError(t, os.Remove(c.file(exercises[0]))) // an editor may do that for a moment
	page.waitFor(t, "parallel-map has changed\nno program   1  parallel-map")
	require.NoError(t, os.WriteFile(c.file(exercises[1]), []byte("package exercise\n"), 0o666))
	page.waitFor(t, "\n2. leaves-early: it does not compile.\n") // though the first is not done either
	stop()
	require.NoError(t, <-ended)
}

// shared is a buffer that one goroutine writes and another reads.
type shared struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buffer.String()
}

func (s *shared) waitFor(t *testing.T, words string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(s.String(), words) }, 5*time.Minute, 10*time.Millisecond, words)
}

func requireFile(t *testing.T, want, file string) {
	t.Helper()
	contents, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, want, string(contents))
}

func courseIn(t *testing.T, dir string) *course {
	c, err := newCourse(dir)
	require.NoError(t, err)
	t.Cleanup(c.close)
	return c
}

// tryCode is try, on this code.
func (c *course) tryCode(t *testing.T, e exercise, code []byte) verdict {
	require.NoError(t, os.WriteFile(c.file(e), code, 0o666))
	v, err := c.try(t.Context(), e)
	require.NoError(t, err)
	return v
}
