package main

import (
	"io/fs"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestUnknownLadder(t *testing.T) {
	require.EqualError(t, showAll("stepladder"), `there is no ladder "stepladder"`)
}

// What `go test -json` prints of two cells that run in parallel, and of one that fails.
const events = `
{"Action":"run","Test":"TestLadder/no_tasks"}
{"Action":"attr","Test":"TestLadder/no_tasks","Key":"case","Value":"no tasks"}
{"Action":"attr","Test":"TestLadder/no_tasks","Key":"asks","Value":"Why?"}
{"Action":"output","Test":"TestLadder/no_tasks/naive","Output":"=== RUN   TestLadder/no_tasks/naive\n"}
{"Action":"attr","Test":"TestLadder/no_tasks/naive","Key":"rung","Value":"naive"}
{"Action":"attr","Test":"TestLadder/no_tasks/by_hand","Key":"rung","Value":"by hand"}
{"Action":"attr","Test":"TestLadder/no_tasks/by_hand","Key":"verdict","Value":"leak"}
{"Action":"attr","Test":"TestLadder/no_tasks/naive","Key":"verdict","Value":"race"}
{"Action":"output","Test":"TestLadder/no_tasks/by_hand","Output":"Not equal\n"}
`

func TestReadEvents(t *testing.T) {
	cases, said, err := readEvents([]byte(events))
	require.NoError(t, err)
	require.Equal(t, "Not equal\n", said)
	require.Equal(t, []*caseFindings{{
		name: "no tasks", asks: "Why?",
		verdicts: map[string]matrix.Verdict{"naive": "race", "by hand": "leak"},
	}}, cases)
}

// example is a matrix with all ladders and one case, in which all have survived: the widest verdict.
func example(asks string) (parts []part) {
	for _, ladder := range ladders {
		verdicts := map[string]matrix.Verdict{}
		for _, rung := range ladder.Rungs {
			verdicts[rung.Name] = matrix.Survived
		}
		cases := []*caseFindings{{"a case", asks, verdicts}}
		parts = append(parts, part{ladder, findings{cases: cases}, []float64{7, 7, 7, 7, 7}})
	}
	return parts
}

func lines(t *testing.T, parts []part, width int) []string {
	var page strings.Builder
	require.NoError(t, write(&page, parts, width))
	lines := strings.Split(page.String(), "\n")
	for _, line := range lines {
		require.LessOrEqual(t, utf8.RuneCountInString(line), width, line)
	}
	return lines
}

func TestOneMatrixOfAllLadders(t *testing.T) {
	asks := strings.TrimSpace(strings.Repeat("Why? ", 20))
	parts := example(asks)
	page := lines(t, parts, 80)
	heading := page[0]
	for i, ladder := range ladders {
		block := page[2+5*i:] // names, the case, lines of code, nanoseconds, and a blank line
		require.True(t, strings.HasPrefix(block[0], ladder.Name+" "), block[0])
		require.True(t, strings.HasPrefix(block[1], "a case "), block[1])
		require.True(t, strings.HasPrefix(block[2], "lines of code "), block[2])
		require.True(t, strings.HasPrefix(block[3], "ns added per "+ladder.Unit+" "), block[3])
		require.Empty(t, block[4])
		for k, kind := range kinds {
			column := strings.Index(heading, kind.name)
			require.True(t, strings.HasPrefix(block[0][column:], ladder.Rungs[k].Name), "%s\n%s", heading, block[0])
			require.True(t, strings.HasPrefix(block[1][column:], string(matrix.Survived)), "%s\n%s", heading, block[1])
			require.True(t, strings.HasPrefix(block[3][column:], "7"), "%s\n%s", heading, block[3])
		}
	}
	require.Contains(t, page, "What each case asks")
	below := strings.Count(strings.Join(page, " "), "  a case  ")
	require.Equal(t, len(ladders), below, "and none of them in the matrix")
}

func TestWideMatrixAsksBesideTheCases(t *testing.T) {
	parts := example("Why?")
	page := lines(t, parts, widest(parts))
	require.True(t, strings.HasSuffix(page[3], "survived  Why?"), page[3])
	require.NotContains(t, page, "What each case asks")

	require.Contains(t, lines(t, parts, widest(parts)-1), "What each case asks")
}

func TestMatrixSaysWhenNoRaceCouldBeFound(t *testing.T) {
	parts := example("Why?")
	for i := range parts {
		parts[i].found.noRace = "no C compiler"
	}
	page := strings.Join(lines(t, parts, 80), "\n")
	require.Equal(t, 1, strings.Count(page, "\"survived\" may hide one:\nno C compiler"))
}

// A rung is in the column of its kind.
func TestEveryLadderHasARungOfEachKind(t *testing.T) {
	for _, ladder := range ladders {
		require.Len(t, ladder.Rungs, len(kinds), ladder.Name)
		require.Equal(t, "byhand.go", ladder.Rungs[2].File, ladder.Name)
		code, err := fs.ReadFile(ladder.Source, ladder.Rungs[3].File)
		require.NoError(t, err)
		require.Contains(t, string(code), `"golang.org/x/`, ladder.Name)
		require.Equal(t, "braid.go", ladder.Rungs[4].File, ladder.Name)
	}
}

func TestByHandHasAtMostFortyLines(t *testing.T) {
	for _, ladder := range ladders {
		lines, err := matrix.CodeLines(ladder.Source, "byhand.go")
		require.NoError(t, err)
		require.LessOrEqual(t, lines, 40, ladder.Name)
	}
}

func BenchmarkLadder(b *testing.B) {
	for _, ladder := range ladders {
		for _, rung := range ladder.Rungs {
			b.Run(ladder.Name+"/"+rung.Name, rung.Benchmark)
		}
	}
}
