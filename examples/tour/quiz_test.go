package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/examples/mistakes/pairs"
)

// quizzed answers the quiz, a line for each question, and returns what it prints.
func quizzed(t *testing.T, z *quiz, lines string) string {
	var page bytes.Buffer
	z.in, z.out, z.width = strings.NewReader(lines), &page, 80
	require.NoError(t, z.run())
	return page.String()
}

// seedFor is a seed with which the quiz asks of the pair's broken twin, or of a mended one.
func seedFor(t *testing.T, name string, broken bool) uint64 {
	p, err := pairs.Find(name)
	require.NoError(t, err)
	for seed := range uint64(1000) {
		if asked(t, []pairs.Pair{p}, seed)[0].twin.Broken() == broken {
			return seed
		}
	}
	t.Fatal("no such seed")
	return 0
}

func asked(t *testing.T, from []pairs.Pair, seed uint64) []question {
	all, err := questions(builder(t), from, rand.New(rand.NewPCG(seed, 0)))
	require.NoError(t, err)
	return all
}

func builder(t *testing.T) *pairs.Builder {
	b, err := pairs.NewBuilder(t.Context())
	require.NoError(t, err)
	return b
}

func TestQuizOfABrokenTwin(t *testing.T) {
	scratch := t.TempDir()
	t.Setenv("TMPDIR", scratch)
	defer func() { require.Empty(t, entries(t, scratch), "left behind") }()
	z := quiz{pair: "lost-cause", seed: seedFor(t, "lost-cause", true)}
	page := quizzed(t, &z, "what?\n W \n")
	for _, part := range []string{
		"  w  wrong answer  the result",
		"Question 1 of 1\n\n    package twin\n",
		"    \t\treturn ctx.Err()\n",
		"    func TestEnter(t *testing.T) {\n",
		"q: quit > \nr: race, d: deadlock", // "what?" is no answer
		"\n$ go test -tags=mistakes ./examples/mistakes/21-lost-cause/broken\n--- FAIL: TestEnter",
		"and Enter says: context canceled",
		"\nRight: wrong answer.\nSomebody knew why",
		"\nWhat mends it:\n",
		"\n    +++ 21-lost-cause/mended/twin.go\n",
		"\n    -\t\treturn ctx.Err()\n    +\t\treturn context.Cause(ctx)\n",
		"examples/mistakes/21-lost-cause, or go run ./examples/mistakes -run lost-cause\n",
		"\nScore: 1 of 1\n",
		"\nThat was 1 of 1. The same questions again: -quiz -seed ",
	} {
		_, rest, found := strings.Cut(page, part)
		require.True(t, found, "%q is not in this, or not in its place:\n%s", part, page)
		page = rest
	}
}

func entries(t *testing.T, dir string) []os.DirEntry {
	found, err := os.ReadDir(dir)
	require.NoError(t, err)
	return found
}

func TestQuizOfAMendedTwin(t *testing.T) {
	z := quiz{pair: "lost-cause", seed: seedFor(t, "lost-cause", false)}
	page := quizzed(t, &z, "race\n")
	require.Contains(t, page, "/mended\nPASS\n\nNo: fine.\n")
	require.Contains(t, page, "The mistake was this: returns ctx.Err(), and loses the cause.")
	require.Contains(t, page, "-\t\treturn ctx.Err()")
	require.Contains(t, page, "That was 0 of 1")
}

func TestQuizEnds(t *testing.T) {
	for name, lines := range map[string]string{"with q": "q\nf\n", "at the end of the input": ""} {
		require.Contains(t, quizzed(t, new(quiz), lines), "That was 0 of 0", name)
	}
}

func TestQuizWithoutRaceDetector(t *testing.T) {
	t.Setenv("CGO_ENABLED", "0")
	z := quiz{pair: "counter", seed: seedFor(t, "counter", true)}
	page := quizzed(t, &z, "r\n")
	require.Contains(t, page, "the race detector does not work; it needs a C compiler")
	require.Contains(t, page, "So it does not count. Elsewhere it would be: race.")
	require.Contains(t, page, "+\tvar mu sync.Mutex", "what mends it")
	require.Contains(t, page, "That was 0 of 0")
}

func TestQuizOfOnePair(t *testing.T) {
	require.EqualError(t, (&quiz{pair: "77"}).run(), `there is no pair "77"; go run ./examples/mistakes lists them`)
	require.EqualError(t, (&quiz{pair: "late-add"}).run(),
		"only vet says something of late-add, which runs nothing: go run ./examples/mistakes -run late-add")
}

// What a tool has not said as declared is no fault of the learner's.
func TestQuizDoesNotCountSurprises(t *testing.T) {
	p, err := pairs.Find("missed-done")
	require.NoError(t, err)
	q := asked(t, []pairs.Pair{p}, seedFor(t, "missed-done", true))[0]
	q.proof.Says = "something else"
	var page bytes.Buffer
	z := quiz{in: strings.NewReader("d\n"), out: &page, width: 80}
	require.ErrorContains(t, z.ask(builder(t), []question{q}), `it does not say "something else"`)
	require.Contains(t, page.String(), "left out)\n", "its goroutines are shown, and what is not its own is not")
	require.Contains(t, page.String(), "so it does not count")
	require.Contains(t, page.String(), "Score: 0 of 0")
}

func TestSeedsOfTheQuiz(t *testing.T) {
	one := asked(t, pairs.All, 1)
	require.False(t, slices.IsSortedFunc(one, func(a, b question) int { return a.pair.Number - b.pair.Number }))
	require.Equal(t, one, asked(t, pairs.All, 1))
	require.NotEqual(t, one, asked(t, pairs.All, 2))

	answers := make(map[string]bool)
	pairsAsked := make(map[string]bool)
	for seed := range uint64(20) {
		for _, q := range asked(t, pairs.All, seed) {
			answers[q.outcome().name] = true
			require.Equal(t, !q.twin.Broken(), q.twin == q.mended, "the difference leads to the twin")
			pairsAsked[q.pair.Name] = true
			require.NotContains(t, []pairs.Tool{pairs.Vet, pairs.LeakProfile}, q.proof.Tool, q.pair.Name)
		}
	}
	require.Len(t, answers, len(outcomes))
	for _, p := range pairs.All {
		onlyVet := !slices.ContainsFunc(p.Proofs, func(proof pairs.Proof) bool { return proof.Tool != pairs.Vet })
		require.Equal(t, !onlyVet, pairsAsked[p.Name], p.Name)
	}
}

func TestOutcomes(t *testing.T) {
	for verdict, outcome := range map[pairs.Verdict]outcome{
		pairs.Race: race, pairs.Deadlock: deadlock, pairs.Timeout: deadlock, pairs.Leak: leak, pairs.Panic: panics,
		pairs.WrongResult: wrong, pairs.WrongTime: wrong, pairs.TooMany: wrong,
	} {
		q := question{proof: pairs.Proof{Verdict: verdict}, twin: "01-x/broken"}
		require.Equal(t, outcome, q.outcome(), verdict)
		q.twin = "01-x/mended"
		require.Equal(t, fine, q.outcome(), verdict)
	}
}

// The code must not answer the question. Each twin is shown, with each test that may be asked about.
func TestQuizGivesNothingAway(t *testing.T) {
	b := builder(t)
	for _, p := range pairs.All {
		twins, err := b.Twins(p)
		require.NoError(t, err)
		for _, twin := range twins {
			for _, proof := range p.Proofs {
				q := question{pair: p, proof: proof, twin: twin, broken: twins[0], mended: twins[1]}
				code, err := q.code(b)
				require.NoError(t, err)
				if proof.Tool != pairs.LeakProfile { // which is not asked about
					code = strings.TrimPrefix(code, "//go:build go1.21\n")
					require.NotRegexp(t, `(?i)//|/\*|broken|mended|mistake|leak|`+p.Folder(), code)
				}
				difference, err := q.difference(b)
				require.NoError(t, err)
				require.Contains(t, difference, "+++ "+string(twins[1]))
			}
		}
	}
}

func TestQuestionsCode(t *testing.T) {
	b := builder(t)
	for name, c := range map[string]struct {
		test          string
		shows, leaves []string
	}{
		"loop-variable": {"", []string{"//go:build go1.21\n\npackage main"}, nil},
		"own-pool":      {"TestDeep", []string{"func TestDeep", "func test("}, []string{"TestShallow"}},
		"locks":         {"TestWithdraw", []string{"func TestWithdraw"}, []string{"TestTransfer", "func exchange"}},
	} {
		p, err := pairs.Find(name)
		require.NoError(t, err)
		twins, err := b.Twins(p)
		require.NoError(t, err)
		code, err := question{pair: p, proof: pairs.Proof{Test: c.test}, twin: twins[0]}.code(b)
		require.NoError(t, err)
		for _, part := range c.shows {
			require.Contains(t, code, part)
		}
		for _, part := range c.leaves {
			require.NotContains(t, code, part)
		}
	}
}

func TestExcerpt(t *testing.T) {
	const dump = "panic: deadlock\n\ngoroutine 7 [chan send]:\nruntime.gopark(...)\n\t/go/src/runtime/proc.go:424 +0x1\n" +
		"twin.Files()\n\t23-own-pool/broken/twin.go:7 +0x2\n"
	require.Equal(t, "panic: deadlock\n\ngoroutine 7 [chan send]:\ntwin.Files()\n\t23-own-pool/broken/twin.go:7 +0x2\n"+
		"(calls of other packages are left out)\n", excerpt(dump))
	require.Equal(t, "PASS\n", excerpt("PASS\n"))
}

func TestOutcomesFitEightyColumns(t *testing.T) {
	require.NotEmpty(t, outcomes)
	for line := range strings.Lines(quizzed(t, new(quiz), "")) {
		if strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "    ") {
			require.LessOrEqual(t, len(line), 81, line)
		}
	}
}
