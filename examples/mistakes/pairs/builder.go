package pairs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/braidgo/braid/examples"
)

// A Builder builds each twin once for all proofs that use it in the same way.
type Builder struct {
	Dir     string // of the twins
	Scratch string // for programs and tests; "" until there is one
	built   map[string]string
}

// NewBuilder builds the twins of the sources that this program was built from.
func NewBuilder(ctx context.Context) (*Builder, error) {
	dir, err := examples.Sources(ctx, "mistakes")
	return &Builder{Dir: dir}, err
}

// Close removes what was built. After that the builder can build anew.
func (b *Builder) Close() error {
	err := os.RemoveAll(b.Scratch)
	b.Scratch, b.built = "", nil
	return err
}

// RaceDetectorMissing is an error: what the go command said.
type RaceDetectorMissing struct{ reason string }

func (e *RaceDetectorMissing) Error() string {
	return "This cannot be shown here, because the race detector does not work; it needs a C compiler.\n" + e.reason
}

// build returns the program or test that "go run" or "go test" would run.
func (b *Builder) build(ctx context.Context, words, env []string, t Twin) (string, error) {
	// The symbols for debuggers take long to link. Without them the stacks are the same.
	arguments := append([]string{"build", "-ldflags=-w"}, words[1:]...)
	if words[0] == "test" {
		arguments = append([]string{"test", "-c", "-vet=off", "-ldflags=-w"}, words[1:]...)
	}
	key := fmt.Sprint(env, arguments, t)
	if binary, ok := b.built[key]; ok {
		return binary, nil
	}
	if b.Scratch == "" {
		scratch, err := os.MkdirTemp("", "mistakes")
		if err != nil {
			return "", err
		}
		b.Scratch = scratch
	}
	binary := filepath.Join(b.Scratch, fmt.Sprint("twin", len(b.built)))
	result, err := b.execute(ctx, toBuild, env, "go", append(arguments, "-o", binary, "./"+string(t))...)
	if err != nil {
		return "", err
	}
	if result.Status != 0 {
		if slices.Contains(words, "-race") {
			if reason := examples.RaceDetectorMissing(ctx); reason != "" {
				return "", &RaceDetectorMissing{reason}
			}
		}
		return "", fmt.Errorf("%s does not build:\n%s", t, result.Output)
	}
	if b.built == nil {
		b.built = make(map[string]string)
	}
	b.built[key] = binary
	return binary, nil
}

// tagged reports whether a file of the twin needs the tag "mistakes".
func (b *Builder) tagged(t Twin) bool {
	files, err := b.Files(t)
	return err == nil && slices.ContainsFunc(files, func(file string) bool {
		code, err := os.ReadFile(file)
		constraint, _, _ := strings.Cut(string(code), "\n")
		return err == nil && strings.HasPrefix(constraint, "//go:build ") && strings.Contains(constraint, "mistakes")
	})
}

// No command should take that long, whatever is wrong with it. The first to use a tool may build
// the standard library for it.
const (
	toRun   = time.Minute
	toBuild = 5 * time.Minute
)

// execute runs a command. An exit status is not an error.
func (b *Builder) execute(
	ctx context.Context, limit time.Duration, env []string, name string, arguments ...string) (Said, error) {
	ctx, stop := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not ended after %s", limit))
	defer stop()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = b.Dir
	command.Env = append(os.Environ(), env...)
	command.WaitDelay = time.Second // for what a go command has started, and holds the streams
	output, err := command.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && (ctx.Err() != nil || !errors.As(err, &exit)) {
		return Said{}, fmt.Errorf("%s: %w\n%s", command, errors.Join(err, context.Cause(ctx)), output)
	}
	output = bytes.ReplaceAll(output, []byte(b.Dir+string(filepath.Separator)), nil)
	return Said{string(output), command.ProcessState.ExitCode()}, nil
}
