package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/braidgo/braid/examples"
)

// A pair is one mistake: a broken twin, and one or more that are mended.
type pair struct {
	number  int
	name    string
	mistake string // in one line
	prints  string // what a mended twin prints, if it is a program
	proofs  []proof
}

func (p pair) folder() string { return fmt.Sprintf("%02d-%s", p.number, p.name) }

// tools names each tool that proves something, once.
func (p pair) tools() string {
	var names []string
	for _, proof := range p.proofs {
		if !slices.Contains(names, string(proof.tool)) {
			names = append(names, string(proof.tool))
		}
	}
	return strings.Join(names, ", ")
}

// twins finds the folders of the pair, the broken one first.
func (p pair) twins(dir string) ([]twin, error) {
	entries, err := os.ReadDir(filepath.Join(dir, p.folder()))
	if err != nil {
		return nil, err
	}
	var twins []twin
	for _, entry := range entries { // in the order of their names
		twins = append(twins, twin(path.Join(p.folder(), entry.Name())))
	}
	return twins, nil
}

// A twin is the path of its folder.
type twin string

func (t twin) broken() bool { return path.Base(string(t)) == "broken" }

// A proof is a tool, and what it says of the broken twin. Of the mended ones it says nothing.
type proof struct {
	verdict verdict
	tool    tool
	test    string // which test of the twin, if it has several
	says    string // words of the tool's by which one knows that it has found this, and not something else
	means   string // the same for a learner
}

// A verdict is what is wrong with a program.
type verdict string

const (
	race      verdict = "race"
	deadlock  verdict = "deadlock"
	leak      verdict = "leak"
	panics    verdict = "panic"
	timeout   verdict = "timeout" // it never ends, though not all goroutines wait
	wrong     verdict = "wrong result"
	late      verdict = "wrong time" // measured in fake time, so exactly
	peak      verdict = "too many at once"
	suspected verdict = "suspected" // vet does not run anything
)

// A tool is what finds a mistake.
type tool string

const (
	raceDetector tool = "the race detector"
	vet          tool = "go vet"
	plainRun     tool = "go run"
	plainTest    tool = "go test"
	synctest     tool = "synctest"         // go test, with fake time
	leakProfile  tool = "the leak profile" // go test, which asks for the profile
)

// words is what a tool prints for a verdict, whatever the program.
func (p proof) words() string {
	switch {
	case p.tool == leakProfile:
		return "goroutineleak profile: total "
	case p.tool == vet:
		return ".go:"
	}
	switch p.verdict {
	case race:
		return "WARNING: DATA RACE"
	case deadlock:
		return "panic: deadlock: all goroutines in bubble are blocked"
	case leak:
		return "panic: deadlock: main bubble goroutine has exited but blocked goroutines remain"
	case panics:
		return "panic: "
	case timeout:
		return "panic: test timed out after "
	default:
		return "--- FAIL: "
	}
}

// patience is how long a test may take of which it is declared that it never ends. It is real
// time, and the mended twin has no more of it.
const patience = 3 * time.Second

// goCommand is the go command that runs the twin, in words that can be typed, and the
// environment it needs.
func (p proof) goCommand(b *builder, t twin) (words, env []string) {
	switch p.tool {
	case vet:
		words = []string{"vet"}
	case raceDetector:
		words = []string{"run", "-race"}
	case plainRun:
		words = []string{"run"}
	case leakProfile:
		words = []string{"test"}
		env = examples.LeakProfileEnv(context.Background())
	default:
		words = []string{"test"}
	}
	if b.tagged(t) {
		words = append(words, "-tags=mistakes")
	}
	return words, env
}

// testFlags are the flags of the test; a test binary wants them with the prefix "-test.".
func (p proof) testFlags() (flags []string) {
	if p.test != "" {
		flags = append(flags, "run=^"+p.test+"$")
	}
	if p.verdict == timeout {
		flags = append(flags, "timeout="+patience.String())
	}
	return flags
}

// command is what a learner can type for the same result.
func (p proof) command(b *builder, t twin) string {
	words, env := p.goCommand(b, t)
	words = slices.Concat(env, []string{"go"}, words)
	for _, flag := range p.testFlags() {
		words = append(words, "-"+flag)
	}
	return strings.Join(append(words, "./examples/mistakes/"+string(t)), " ")
}

// said is what came out of a run.
type said struct {
	output string // both streams
	status int
}

// run builds the twin, unless it is built, and runs it under the tool.
func (p proof) run(b *builder, t twin) (said, error) {
	words, env := p.goCommand(b, t)
	if p.tool == vet {
		return b.execute(toBuild, env, "go", append(words, "./"+string(t))...)
	}
	binary, err := b.build(words, env, t)
	if err != nil {
		return said{}, err
	}
	var flags []string
	for _, flag := range p.testFlags() {
		flags = append(flags, "-test."+flag)
	}
	return b.execute(toRun, nil, binary, flags...)
}

// judge returns an error unless the tool said of the twin what is declared.
func (p proof) judge(pair pair, t twin, s said) error {
	complain := func(format string, arguments ...any) error {
		return fmt.Errorf("%s, %s: %s; exit status %d:\n%s", t, p.tool, fmt.Sprintf(format, arguments...), s.status, s.output)
	}
	if t.broken() {
		for _, words := range []string{p.words(), p.says} {
			if !strings.Contains(s.output, words) {
				return complain("it does not say %q", words)
			}
		}
		if s.status == 0 {
			return complain("no failure")
		}
		return nil
	}
	if s.status != 0 {
		return complain("a failure")
	}
	expected := "PASS\n"
	switch p.tool {
	case vet:
		expected = ""
	case raceDetector, plainRun:
		expected = pair.prints
	}
	if s.output != expected {
		return complain("not %q", expected)
	}
	return nil
}

// A builder builds each twin once for all proofs that use it in the same way.
type builder struct {
	dir     string // of the pairs
	scratch string // for programs and tests
	built   map[string]string
}

// raceDetectorMissing is an error: what the go command said.
type raceDetectorMissing struct{ reason string }

func (e *raceDetectorMissing) Error() string {
	return "This cannot be shown here, because the race detector does not work; it needs a C compiler.\n" + e.reason
}

// build returns the program or test that "go run" or "go test" would run.
func (b *builder) build(words, env []string, t twin) (string, error) {
	// The symbols for debuggers take long to link. Without them the stacks are the same.
	arguments := append([]string{"build", "-ldflags=-w"}, words[1:]...)
	if words[0] == "test" {
		arguments = append([]string{"test", "-c", "-vet=off", "-ldflags=-w"}, words[1:]...)
	}
	key := fmt.Sprint(env, arguments, t)
	if binary, ok := b.built[key]; ok {
		return binary, nil
	}
	binary := filepath.Join(b.scratch, fmt.Sprint("twin", len(b.built)))
	result, err := b.execute(toBuild, env, "go", append(arguments, "-o", binary, "./"+string(t))...)
	if err != nil {
		return "", err
	}
	if result.status != 0 {
		if slices.Contains(words, "-race") {
			if reason := examples.RaceDetectorMissing(context.Background()); reason != "" {
				return "", &raceDetectorMissing{reason}
			}
		}
		return "", fmt.Errorf("%s does not build:\n%s", t, result.output)
	}
	if b.built == nil {
		b.built = make(map[string]string)
	}
	b.built[key] = binary
	return binary, nil
}

// tagged reports whether a file of the twin needs the tag "mistakes".
func (b *builder) tagged(t twin) bool {
	files, err := filepath.Glob(filepath.Join(b.dir, string(t), "*.go"))
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
func (b *builder) execute(limit time.Duration, env []string, name string, arguments ...string) (said, error) {
	ctx, stop := context.WithTimeoutCause(context.Background(), limit, fmt.Errorf("not ended after %s", limit))
	defer stop()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = b.dir
	command.Env = append(os.Environ(), env...)
	command.WaitDelay = time.Second // for what a go command has started, and holds the streams
	output, err := command.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && (ctx.Err() != nil || !errors.As(err, &exit)) {
		return said{}, fmt.Errorf("%s: %w\n%s", command, errors.Join(err, context.Cause(ctx)), output)
	}
	output = bytes.ReplaceAll(output, []byte(b.dir+string(filepath.Separator)), nil)
	return said{string(output), command.ProcessState.ExitCode()}, nil
}
