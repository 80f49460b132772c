package pairs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/braidgo/braid/examples"
)

// A Proof is a tool, and what it says of the broken twin. Of the mended ones it says nothing.
type Proof struct {
	Verdict Verdict
	Tool    Tool
	Test    string // which test of the twin, if it has several
	Says    string // words of the tool's by which one knows that it has found this, and not something else
	Means   string // the same for a learner
}

// A Verdict is what is wrong with a program.
type Verdict string

const (
	Race        Verdict = "race"
	Deadlock    Verdict = "deadlock"
	Leak        Verdict = "leak"
	Panic       Verdict = "panic"
	Timeout     Verdict = "timeout" // it never ends, though not all goroutines wait
	WrongResult Verdict = "wrong result"
	WrongTime   Verdict = "wrong time" // measured in fake time, so exactly
	TooMany     Verdict = "too many at once"
	Suspected   Verdict = "suspected" // vet does not run anything
)

// A Tool is what finds a mistake.
type Tool string

const (
	RaceDetector Tool = "the race detector"
	Vet          Tool = "go vet"
	GoRun        Tool = "go run"
	GoTest       Tool = "go test"
	Synctest     Tool = "synctest"         // go test, with fake time
	LeakProfile  Tool = "the leak profile" // go test, which asks for the profile
)

// words is what a tool prints for a verdict, whatever the program.
func (p Proof) words() string {
	switch {
	case p.Tool == LeakProfile:
		return "goroutineleak profile: total "
	case p.Tool == Vet:
		return ".go:"
	}
	switch p.Verdict {
	case Race:
		return "WARNING: DATA RACE"
	case Deadlock:
		return "panic: deadlock: all goroutines in bubble are blocked"
	case Leak:
		return "panic: deadlock: main bubble goroutine has exited but blocked goroutines remain"
	case Panic:
		return "panic: "
	case Timeout:
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
func (p Proof) goCommand(ctx context.Context, b *Builder, t Twin) (words, env []string) {
	switch p.Tool {
	case Vet:
		words = []string{"vet"}
	case RaceDetector:
		words = []string{"run", "-race"}
	case GoRun:
		words = []string{"run"}
	case LeakProfile:
		words = []string{"test"}
		env = examples.LeakProfileEnv(ctx)
	default:
		words = []string{"test"}
	}
	if b.tagged(t) {
		words = append(words, "-tags=mistakes")
	}
	return words, env
}

// testFlags are the flags of the test; a test binary wants them with the prefix "-test.".
func (p Proof) testFlags() (flags []string) {
	if p.Test != "" {
		flags = append(flags, "run=^"+p.Test+"$")
	}
	if p.Verdict == Timeout {
		flags = append(flags, "timeout="+patience.String())
	}
	return flags
}

// Command is what a learner can type for the same result.
func (p Proof) Command(ctx context.Context, b *Builder, t Twin) string {
	words, env := p.goCommand(ctx, b, t)
	words = slices.Concat(env, []string{"go"}, words)
	for _, flag := range p.testFlags() {
		words = append(words, "-"+flag)
	}
	return strings.Join(append(words, "./examples/mistakes/"+string(t)), " ")
}

// Said is what came out of a run.
type Said struct {
	Output string // both streams
	Status int
}

// Run builds the twin, unless it is built, and runs it under the tool.
func (p Proof) Run(ctx context.Context, b *Builder, t Twin) (Said, error) {
	words, env := p.goCommand(ctx, b, t)
	if p.Tool == Vet {
		return b.execute(ctx, toBuild, env, "go", append(words, "./"+string(t))...)
	}
	binary, err := b.build(ctx, words, env, t)
	if err != nil {
		return Said{}, err
	}
	var flags []string
	for _, flag := range p.testFlags() {
		flags = append(flags, "-test."+flag)
	}
	return b.execute(ctx, toRun, nil, binary, flags...)
}

// Judge returns an error unless the tool said of the twin what is declared.
func (p Proof) Judge(pair Pair, t Twin, s Said) error {
	complain := func(format string, arguments ...any) error {
		return fmt.Errorf("%s, %s: %s; exit status %d:\n%s", t, p.Tool, fmt.Sprintf(format, arguments...), s.Status, s.Output)
	}
	if t.Broken() {
		for _, words := range []string{p.words(), p.Says} {
			if !strings.Contains(s.Output, words) {
				return complain("it does not say %q", words)
			}
		}
		if s.Status == 0 {
			return complain("no failure")
		}
		return nil
	}
	if s.Status != 0 {
		return complain("a failure")
	}
	expected := "PASS\n"
	switch p.Tool {
	case Vet:
		expected = ""
	case RaceDetector, GoRun:
		expected = pair.Prints
	}
	if s.Output != expected {
		return complain("not %q", expected)
	}
	return nil
}
