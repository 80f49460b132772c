package main

import (
	"strings"
	"testing"

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

func TestTheTableIsAlignedAndFitsEightyColumns(t *testing.T) {
	for _, ladder := range ladders {
		verdicts := map[string]matrix.Verdict{}
		for _, rung := range ladder.Rungs {
			verdicts[rung.Name] = matrix.Survived // the widest
		}
		found := findings{cases: []*caseFindings{{"a case", strings.Repeat("Why? ", 20), verdicts}}}
		var page strings.Builder
		require.NoError(t, write(&page, ladder, found, make([]float64, len(ladder.Rungs))))
		lines := strings.Split(page.String(), "\n")
		for _, line := range lines {
			require.LessOrEqual(t, len(line), width, line)
		}
		heading, row := lines[2], lines[3]
		for _, rung := range ladder.Rungs {
			column := strings.Index(heading, rung.Name)
			require.True(t, strings.HasPrefix(row[column:], string(matrix.Survived)), "%s\n%s", heading, row)
		}
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
