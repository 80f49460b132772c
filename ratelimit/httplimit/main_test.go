package httplimit_test

import (
	"testing"

	"github.com/braidgo/braid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }
