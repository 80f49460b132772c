package pairs

import (
	"errors"
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
	for _, pair := range All {
		t.Run(pair.Folder(), func(t *testing.T) {
			t.Parallel()
			b := &Builder{Dir: here(t), Scratch: t.TempDir()}
			found, err := b.Twins(pair)
			require.NoError(t, err)
			for _, twin := range found {
				for _, proof := range pair.Proofs {
					t.Run(string(proof.Tool)+" "+proof.Test+" "+filepath.Base(string(twin)), func(t *testing.T) {
						prove(t, b, pair, proof, twin)
					})
				}
			}
		})
	}
}

func prove(t *testing.T, b *Builder, pair Pair, proof Proof, twin Twin) {
	for range 3 {
		said, err := proof.Run(t.Context(), b, twin)
		if missing := new(RaceDetectorMissing); errors.As(err, &missing) {
			t.Skip(missing)
		}
		require.NoError(t, err)
		require.NoError(t, proof.Judge(pair, twin, said))
	}
}

// Some explanations say of the broken twin what else does not find it. That is so.
func TestWhatDoesNotFindIt(t *testing.T) {
	b := &Builder{Dir: here(t)}
	for _, c := range []struct{ flag, folder, says string }{
		{"-race", "01-early-return", "0 of 3 files"},
		{"-race", "07-check-then-act", "-1 are left"},
		{"-run=^TestFew$", "22-large-buffers", "ok "},
		{"-run=^TestShallow$", "23-own-pool", "ok "},
	} {
		said, err := b.execute(t.Context(), toBuild, nil, "go", "test", "-tags=mistakes", c.flag, "./"+c.folder+"/broken")
		require.NoError(t, err)
		if c.flag == "-race" && examples.RaceDetectorMissing(t.Context()) != "" {
			continue
		}
		require.Contains(t, said.Output, c.says)
		require.NotContains(t, said.Output, "DATA RACE")
	}
}

func TestFind(t *testing.T) {
	for _, name := range []string{"21", "lost-cause", "21-lost-cause"} {
		p, err := Find(name)
		require.NoError(t, err)
		require.Equal(t, "21-lost-cause", p.Folder())
	}
	_, err := Find("77")
	require.EqualError(t, err, `there is no pair "77"; go run ./examples/mistakes lists them`)
}

// The folders are those of the table, each with a broken twin and a mended one.
func TestFolders(t *testing.T) {
	var declared []string
	for _, pair := range All {
		declared = append(declared, pair.Folder())
		require.NotEmpty(t, pair.Proofs, pair.Name)
		twins, err := (&Builder{Dir: here(t)}).Twins(pair)
		require.NoError(t, err)
		require.Greater(t, len(twins), 1)
		require.True(t, twins[0].Broken(), pair.Name)
		for _, mended := range twins[1:] {
			require.True(t, strings.HasPrefix(filepath.Base(string(mended)), "mended"), mended)
		}
	}
	found, err := filepath.Glob("../[0-9]*")
	require.NoError(t, err)
	for i, folder := range found {
		found[i] = filepath.Base(folder)
	}
	require.Equal(t, declared, found)
}

// A mended twin passes the test that the broken one fails, not another.
func TestTwinsHaveTheSameTest(t *testing.T) {
	tests, err := filepath.Glob("../*/*/twin_test.go")
	require.NoError(t, err)
	require.NotEmpty(t, tests)
	for _, test := range tests {
		require.Equal(t, read(t, filepath.Dir(filepath.Dir(test))+"/broken/twin_test.go"), read(t, test), test)
	}
}

// What the tag hides from `go vet work` is as good as the rest, but for what vet is declared to say.
func TestVetSaysNoMoreThanIsDeclared(t *testing.T) {
	var declared []string
	for _, pair := range All {
		if slices.ContainsFunc(pair.Proofs, func(p Proof) bool { return p.Tool == Vet }) {
			declared = append(declared, pair.Folder()+"/broken")
		}
	}
	require.Equal(t, declared, foldersNamed(t, `(?m)^([^ ]+)/\w+\.go:`, "vet", "-tags=mistakes", "./..."))
}

// foldersNamed runs a go command and returns the folders of which it says something.
func foldersNamed(t *testing.T, pattern string, arguments ...string) (folders []string) {
	b := &Builder{Dir: here(t)}
	said, err := b.execute(t.Context(), toBuild, nil, "go", arguments...)
	require.NoError(t, err)
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(said.Output, -1) {
		folders = append(folders, match[1])
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// A judge that never complains would prove everything.
func TestJudge(t *testing.T) {
	p := Proof{Verdict: WrongResult, Tool: GoTest, Says: "2 of 3"}
	for name, c := range map[string]struct {
		twin      Twin
		said      Said
		complains string
	}{
		"as declared":                {"01-x/broken", Said{"--- FAIL: TestX\n2 of 3\n", 1}, ""},
		"a broken twin passes":       {"01-x/broken", Said{"PASS\n", 0}, `it does not say "--- FAIL: "`},
		"it fails in another way":    {"01-x/broken", Said{"--- FAIL: TestX\n1 of 3\n", 1}, `it does not say "2 of 3"`},
		"words without a failure":    {"01-x/broken", Said{"--- FAIL: TestX\n2 of 3\n", 0}, "no failure"},
		"a mended twin passes":       {"01-x/mended", Said{"PASS\n", 0}, ""},
		"a mended twin fails":        {"01-x/mended", Said{"--- FAIL: TestX\n2 of 3\n", 1}, "a failure"},
		"a mended twin has no tests": {"01-x/mended", Said{"testing: warning: no tests to run\nPASS\n", 0}, `not "PASS\n"`},
	} {
		err := p.Judge(Pair{}, c.twin, c.said)
		if c.complains == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, c.complains, name)
		}
	}
	program := Proof{Verdict: Race, Tool: RaceDetector}
	require.NoError(t, program.Judge(Pair{Prints: "5\n"}, "01-x/mended", Said{"5\n", 0}))
	require.ErrorContains(t, program.Judge(Pair{Prints: "5\n"}, "01-x/mended", Said{"4\n", 0}), `not "5\n"`)
	require.ErrorContains(t, Proof{Tool: Vet}.Judge(Pair{}, "01-x/mended", Said{"# a remark\n", 0}), `not ""`)
}

func read(t *testing.T, file string) string {
	contents, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(contents)
}

// here is the folder of the twins: tests run where their package is.
func here(t *testing.T) string {
	dir, err := filepath.Abs("..")
	require.NoError(t, err)
	return dir
}
