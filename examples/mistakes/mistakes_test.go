// Package mistakes holds classic bugs, each broken and mended. The broken twin is
// proved broken: the tool that should find it does.
package mistakes

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// raceExit is the exit status of a program in which the race detector has found
// something.
const raceExit = 66

func TestSharedAppend(t *testing.T) {
	requireRaceDetector(t)
	output, status := run(t, "./05-shared-append/broken")
	require.Equal(t, raceExit, status, output)
	require.Contains(t, output, "WARNING: DATA RACE")

	output, status = run(t, "./05-shared-append/mended")
	require.Equal(t, "5 of 5\n", output)
	require.Zero(t, status)
}

// What the README shows is what is run here.
func TestReadmeShowsTheTwins(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	for _, twin := range []string{"broken", "mended"} {
		require.Contains(t, string(readme), region(t, "05-shared-append/"+twin+"/main.go", twin))
	}
}

// region returns the lines of a file between "// region NAME" and "// endregion".
func region(t *testing.T, file, name string) string {
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(source), "// region "+name+"\n")
	require.True(t, found, "%s has no region %s", file, name)
	lines, _, found := strings.Cut(rest, "\n// endregion")
	require.True(t, found, "%s: region %s has no end", file, name)
	return strings.TrimSpace(lines)
}

// run builds a program with the race detector, runs it, and returns what it
// printed on both streams and its exit status. "go run" would hide the status.
func run(t *testing.T, program string) (output string, status int) {
	binary := t.TempDir() + "/program"
	built, err := exec.Command("go", "build", "-race", "-o", binary, program).CombinedOutput()
	require.NoError(t, err, string(built))
	command := exec.Command(binary)
	printed, err := command.CombinedOutput()
	if err != nil {
		require.IsType(t, &exec.ExitError{}, err)
	}
	return string(printed), command.ProcessState.ExitCode()
}

func requireRaceDetector(t *testing.T) {
	if output, err := exec.Command("go", "build", "-race", "-o", os.DevNull, "./05-shared-append/mended").CombinedOutput(); err != nil {
		t.Skipf("the race detector does not work here (it needs a C compiler), so the broken twin was not proved broken:\n%s", output)
	}
}
