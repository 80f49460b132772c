package workerpool

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The matrix that `go run ./examples/ladder` prints is the one that cases_test.go declares.
func TestLadder(t *testing.T) { matrix.Test(t, Ladder, constructors, cases) }

func TestByHandHasAtMostFortyLines(t *testing.T) {
	lines, err := matrix.CodeLines(source, "byhand.go")
	require.NoError(t, err)
	require.LessOrEqual(t, lines, 40)
}

func BenchmarkTask(b *testing.B) {
	for _, rung := range Ladder.Rungs {
		b.Run(rung.Name, rung.Benchmark)
	}
}
