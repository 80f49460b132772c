package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/braidgo/braid/examples"

	// What the twins use: without it, Go would not see that they must be proved again.
	_ "github.com/braidgo/braid/fanout"
	_ "github.com/braidgo/braid/pipeline"
	_ "github.com/braidgo/braid/ratelimit"
	_ "github.com/braidgo/braid/workerpool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The broken twin is proved broken by the tool that is declared, which has nothing to say of
// the mended ones; three times in a row, as a verdict that comes now and then proves nothing.
func TestPairs(t *testing.T) {
	for _, pair := range pairs {
		t.Run(pair.folder(), func(t *testing.T) {
			t.Parallel()
			b := &builder{dir: here(t), scratch: t.TempDir()}
			twins, err := pair.twins(b.dir)
			require.NoError(t, err)
			for _, twin := range twins {
				for _, proof := range pair.proofs {
					t.Run(string(proof.tool)+" "+proof.test+" "+filepath.Base(string(twin)), func(t *testing.T) {
						prove(t, b, pair, proof, twin)
					})
				}
			}
		})
	}
}

func prove(t *testing.T, b *builder, pair pair, proof proof, twin twin) {
	for range 3 {
		said, err := proof.run(b, twin)
		if missing := new(raceDetectorMissing); errors.As(err, &missing) {
			t.Skip(missing)
		}
		require.NoError(t, err)
		require.NoError(t, proof.judge(pair, twin, said))
	}
}

// Some explanations say of the broken twin what else does not find it. That is so.
func TestWhatDoesNotFindIt(t *testing.T) {
	b := &builder{dir: here(t)}
	for _, c := range []struct{ flag, folder, says string }{
		{"-race", "01-early-return", "0 of 3 files"},
		{"-race", "07-check-then-act", "-1 are left"},
		{"-run=^TestFew$", "22-large-buffers", "ok "},
		{"-run=^TestShallow$", "23-own-pool", "ok "},
	} {
		said, err := b.execute(toBuild, nil, "go", "test", "-tags=mistakes", c.flag, "./"+c.folder+"/broken")
		require.NoError(t, err)
		if c.flag == "-race" && examples.RaceDetectorMissing(t.Context()) != "" {
			continue
		}
		require.Contains(t, said.output, c.says)
		require.NotContains(t, said.output, "DATA RACE")
	}
}

// The folders are those of the table, each with a broken twin and a mended one.
func TestFolders(t *testing.T) {
	var declared []string
	for _, pair := range pairs {
		declared = append(declared, pair.folder())
		require.NotEmpty(t, pair.proofs, pair.name)
		twins, err := pair.twins(here(t))
		require.NoError(t, err)
		require.Greater(t, len(twins), 1)
		require.True(t, twins[0].broken(), pair.name)
		for _, mended := range twins[1:] {
			require.True(t, strings.HasPrefix(filepath.Base(string(mended)), "mended"), mended)
		}
	}
	found, err := filepath.Glob("[0-9]*")
	require.NoError(t, err)
	require.Equal(t, declared, found)
}

// A mended twin passes the test that the broken one fails, not another.
func TestTwinsHaveTheSameTest(t *testing.T) {
	tests, err := filepath.Glob("*/*/twin_test.go")
	require.NoError(t, err)
	for _, test := range tests {
		require.Equal(t, read(t, filepath.Dir(filepath.Dir(test))+"/broken/twin_test.go"), read(t, test), test)
	}
}

// What the tag hides from `go vet work` is as good as the rest, but for what vet is declared to say.
func TestVetSaysNoMoreThanIsDeclared(t *testing.T) {
	var declared []string
	for _, pair := range pairs {
		if slices.ContainsFunc(pair.proofs, func(p proof) bool { return p.tool == vet }) {
			declared = append(declared, pair.folder()+"/broken")
		}
	}
	require.Equal(t, declared, foldersNamed(t, `(?m)^([^ ]+)/\w+\.go:`, "vet", "-tags=mistakes", "./..."))
}

// Nobody learns here what go fix would write in another way. The exception is the mistake itself.
func TestTwinsAreUpToDate(t *testing.T) {
	require.Equal(t, []string{"11-missed-done/broken"},
		foldersNamed(t, `(?m)^--- ([^ ]+)/\w+\.go`, "fix", "-diff", "-tags=mistakes", "./..."))
}

// foldersNamed runs a go command and returns the folders of which it says something.
func foldersNamed(t *testing.T, pattern string, arguments ...string) (folders []string) {
	b := &builder{dir: here(t)}
	said, err := b.execute(toBuild, nil, "go", arguments...)
	require.NoError(t, err)
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(said.output, -1) {
		folders = append(folders, match[1])
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// A judge that never complains would prove everything.
func TestJudge(t *testing.T) {
	p := proof{verdict: wrong, tool: plainTest, says: "2 of 3"}
	for name, c := range map[string]struct {
		twin      twin
		said      said
		complains string
	}{
		"as declared":                {"01-x/broken", said{"--- FAIL: TestX\n2 of 3\n", 1}, ""},
		"a broken twin passes":       {"01-x/broken", said{"PASS\n", 0}, `it does not say "--- FAIL: "`},
		"it fails in another way":    {"01-x/broken", said{"--- FAIL: TestX\n1 of 3\n", 1}, `it does not say "2 of 3"`},
		"words without a failure":    {"01-x/broken", said{"--- FAIL: TestX\n2 of 3\n", 0}, "no failure"},
		"a mended twin passes":       {"01-x/mended", said{"PASS\n", 0}, ""},
		"a mended twin fails":        {"01-x/mended", said{"--- FAIL: TestX\n2 of 3\n", 1}, "a failure"},
		"a mended twin has no tests": {"01-x/mended", said{"testing: warning: no tests to run\nPASS\n", 0}, `not "PASS\n"`},
	} {
		err := p.judge(pair{}, c.twin, c.said)
		if c.complains == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, c.complains, name)
		}
	}
	program := proof{verdict: race, tool: raceDetector}
	require.NoError(t, program.judge(pair{prints: "5\n"}, "01-x/mended", said{"5\n", 0}))
	require.ErrorContains(t, program.judge(pair{prints: "5\n"}, "01-x/mended", said{"4\n", 0}), `not "5\n"`)
	require.ErrorContains(t, proof{tool: vet}.judge(pair{}, "01-x/mended", said{"# a remark\n", 0}), `not ""`)
}

func TestShow(t *testing.T) {
	var page bytes.Buffer
	b := &builder{dir: here(t), scratch: t.TempDir()}
	require.NoError(t, show(&page, pairs[0], b))
	for _, part := range []string{
		"1. early-return: returns before",
		"---- 01-early-return/broken/twin.go",
		"go save(ctx, file)",
		"---- 01-early-return/broken/twin_test.go",
		"$ go test -tags=mistakes ./examples/mistakes/01-early-return/broken",
		"--- FAIL: TestSaveAll",
		"\nwrong result, says synctest: A go statement waits for nothing.",
		"---- 01-early-return/mended/twin.go",
		"PASS",
	} {
		_, rest, found := strings.Cut(page.String(), part)
		require.True(t, found, "%q is not in this, or not in its place:\n%s", part, page.String())
		page = *bytes.NewBufferString(rest)
	}
	require.NotContains(t, page.String(), "twin_test.go") // it is shown once

	surprising := pairs[0]
	surprising.proofs = []proof{{verdict: deadlock, tool: synctest}}
	require.ErrorContains(t, show(&page, surprising, b), "it does not say \"panic: deadlock: ")
}

func TestNamed(t *testing.T) {
	for _, name := range []string{"21", "lost-cause", "21-lost-cause"} {
		var page bytes.Buffer
		require.NoError(t, showNamed(&page, name))
		require.Contains(t, page.String(), "context.Cause(ctx)")
	}
	require.EqualError(t, showNamed(&bytes.Buffer{}, "77"), `there is no pair "77"; go run ./examples/mistakes lists them`)
}

func TestList(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, list(&page))
	require.Regexp(t, "(?m)^8 +loop-variable +goroutines use a loop's variable, before Go 1.22 +go vet, the race detector$", page.String())
	require.Equal(t, len(pairs), strings.Count(page.String(), "\n"))
}

// This folder's README is the same list, for who reads and does not run.
func TestReadmeListsThePairs(t *testing.T) {
	var table strings.Builder
	table.WriteString("| | the mistake | who finds it |\n|---|---|---|\n")
	for _, p := range pairs {
		fmt.Fprintf(&table, "| %d | [%s](%s) | %s |\n", p.number, p.mistake, p.folder(), p.tools())
	}
	require.Contains(t, read(t, "README.md"), table.String())
}

func TestFold(t *testing.T) {
	require.Equal(t, "one two", fold("one two"))
	long := strings.Repeat("x", 93)
	require.Equal(t, "one\n"+long+"\nthree four", fold("one "+long+" three four"))
}

func read(t *testing.T, file string) string {
	contents, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(contents)
}

// here is the folder of the pairs: tests run where their package is.
func here(t *testing.T) string {
	dir, err := os.Getwd()
	require.NoError(t, err)
	return dir
}
