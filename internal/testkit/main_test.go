package testkit_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/testkit"
)

// plant makes the test binary run one test that leaks a goroutine.
const plant = "BRAID_PLANT_A_LEAK"

func TestMain(m *testing.M) { testkit.Main(m) }

func TestMainFailsOnALeak(t *testing.T) {
	if os.Getenv(plant) != "" {
		never := make(chan struct{})
		go func() { <-never }()
		return
	}
	self := exec.Command(os.Args[0], "-test.run=^TestMainFailsOnALeak$")
	self.Env = append(os.Environ(), plant+"=1")
	output, err := self.CombinedOutput()
	require.Error(t, err, "a leak went unnoticed")
	require.Contains(t, string(output), "found unexpected goroutines")
	if _, _, ok := testkit.LeakProfile(); ok {
		require.Contains(t, string(output), "1 goroutines are blocked for ever")
	} else {
		t.Log("this toolchain has no goroutine leak profile: checked goleak alone")
	}
}
