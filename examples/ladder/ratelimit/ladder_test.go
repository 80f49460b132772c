package ratelimit

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The matrix that `go run ./examples/ladder` prints is the one that cases_test.go declares.
func TestLadder(t *testing.T) { matrix.Test(t, Ladder, constructors, cases) }
