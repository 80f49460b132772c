package examples

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// GoTree returns the directory of the Go installation: real input that is on every
// machine where these programs are built.
func GoTree(ctx context.Context) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("cannot find the Go installation: go env GOROOT: %w", err)
	}
	return strings.TrimSpace(string(root)), nil
}

// Sources returns the directory of a program's sources, which are wherever it was built
// from. name is that of its folder here.
func Sources(ctx context.Context, name string) (string, error) {
	dir, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "github.com/braidgo/braid/examples/"+name).Output()
	if err != nil {
		return "", fmt.Errorf("cannot find the sources; this runs in a clone of braid: %w", err)
	}
	return strings.TrimSpace(string(dir)), nil
}

// RaceDetectorMissing returns why nothing can be built with the race detector, or nothing if
// it can: the go command wants a C compiler for it, and a platform that has it. env is beside
// the environment.
func RaceDetectorMissing(ctx context.Context, env ...string) string {
	build := exec.CommandContext(ctx, "go", "build", "-race", "-o", os.DevNull, "runtime/race")
	build.Env = append(os.Environ(), env...)
	output, err := build.CombinedOutput()
	if err == nil {
		return ""
	}
	return fmt.Sprintf("go build -race: %v\n%s", err, output)
}

// LeakProfileEnv is what the go command has to be told, in its environment, to build programs
// that have the goroutine leak profile. Go 1.27 always has it, and does not know the experiment
// any more.
func LeakProfileEnv(ctx context.Context) []string {
	const experiment = "GOEXPERIMENT=goroutineleakprofile"
	probe := exec.CommandContext(ctx, "go", "version")
	probe.Env = append(os.Environ(), experiment)
	if probe.Run() != nil {
		return nil
	}
	return []string{experiment}
}
