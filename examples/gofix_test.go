package examples_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// Nobody learns here what go fix would write in another way. The exception is a mistake that it mends.
func TestGoFixWouldChangeNothing(t *testing.T) {
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	fix := exec.Command("go", "fix", "-diff", "-tags=mistakes,exercises", "work")
	fix.Dir = root
	output, err := fix.CombinedOutput()
	if !errors.As(err, new(*exec.ExitError)) { // its status is 1 where there is a difference
		require.NoError(t, err)
	}
	var changed []string
	for _, file := range regexp.MustCompile(`(?m)^--- (.+) \(old\)$`).FindAllStringSubmatch(string(output), -1) {
		name, err := filepath.Rel(root, file[1])
		require.NoError(t, err)
		changed = append(changed, filepath.ToSlash(name))
	}
	require.Equal(t, []string{"examples/mistakes/11-missed-done/broken/twin.go"}, changed, "%s", output)
}
