package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/braidgo/braid/examples"
)

// A verdict is what became of an exercise's test.
type verdict struct {
	is      state
	details string // where to look: lines of the compiler, of the test, or of goroutines
}

type state string

const (
	done       state = "done"
	notStarted state = "not started"
	broken     state = "no program" // it does not compile
	endless    state = "endless"
	greedy     state = "memory"
	deadlocked state = "deadlock"
	leaks      state = "leak"
	races      state = "race"
	panics     state = "panic"
	fails      state = "not yet"
)

// explained is the state for somebody who meets it for the first time.
func (s state) explained() string {
	switch s {
	case notStarted:
		return "you have not begun it."
	case broken:
		return "it does not compile."
	case endless:
		return "it does not end. Either there is a loop without an end, or a goroutine waits for a Mutex\n" +
			"that another one holds while it waits for something else."
	case greedy:
		return fmt.Sprintf("it takes more and more memory, and was stopped at %s. A loop without an end\n"+
			"keeps what it makes: it appends to a slice, fills a map, or starts goroutines.", examples.InUnits(mostMemory))
	case deadlocked:
		return "deadlock. All goroutines wait, and nobody is left who could wake them:"
	case leaks:
		return "a goroutine is left behind. The call has returned, and this still waits, for ever:"
	case races:
		return "a data race. Two goroutines use the same memory, at least one of them writes, and nothing\n" +
			"says which comes first:"
	case panics:
		return "it panics."
	case fails:
		return "it does not do yet what the test wants."
	default:
		return "it is done."
	}
}

// tools is what is known about the go command.
type tools struct {
	env      []string // beside the environment
	raceless string   // why there is no race detector, if there is none
	proc     string   // where the system tells how much memory a process has
}

// patience is how long a test may take. They run in fake time, so they take no time: whatever takes
// longer does not end.
const patience = 3 * time.Second

// limits are those of a command.
type limits struct {
	time   time.Duration
	memory int64 // in bytes; 0 is none
}

var (
	ofTests  = limits{8 * time.Second, mostMemory} // if a test does not even obey its timeout
	ofBuilds = limits{5 * time.Minute, 0}          // the first time, the standard library is built for the race detector
)

// try runs the test of an exercise on what the learner has written.
func (c *course) try(ctx context.Context, e exercise) (verdict, error) {
	// The test is ours, even if somebody has changed the copy.
	folder := filepath.Join(c.dir, e.folder())
	err := errors.Join(
		os.MkdirAll(folder, 0o777),
		os.WriteFile(filepath.Join(folder, "exercise_test.go"), e.test(), 0o666),
		os.WriteFile(filepath.Join(folder, "limits_test.go"), []byte(stackLimit), 0o666),
	)
	if err != nil {
		return verdict{}, err
	}
	built, err := c.build(ctx, "./"+e.folder())
	if err != nil {
		return verdict{}, err
	}
	if !built.succeeded {
		return verdict{broken, built.output}, nil
	}
	return c.run(ctx, e.folder())
}

// run runs a test that is built, by the last part of its path.
func (c *course) run(ctx context.Context, name string) (verdict, error) {
	program := filepath.Join(c.scratch, name+".test")
	ran, err := c.execute(ctx, ofTests, program, "-test.paniconexit0", "-test.timeout="+patience.String())
	if err != nil {
		return verdict{}, err
	}
	return judge(ran), nil
}

// build builds the tests of packages, with the race detector if there is one.
func (c *course) build(ctx context.Context, packages string) (result, error) {
	arguments := []string{"test", "-c", "-vet=off", "-ldflags=-w", "-o", c.scratch + string(filepath.Separator)}
	if c.tools.raceless == "" {
		built, err := c.execute(ctx, ofBuilds, "go", append(arguments, "-race", packages)...)
		if err != nil || built.succeeded {
			return built, err
		}
		// The program's fault, or the race detector's?
		if c.tools.raceless = examples.RaceDetectorMissing(ctx, c.tools.env...); c.tools.raceless == "" {
			return built, nil
		}
	}
	return c.execute(ctx, ofBuilds, "go", append(arguments, packages)...)
}

// result is what came out of a command.
type result struct {
	succeeded bool
	killed    bool // it did not end by itself
	greedy    bool // it was killed for the memory it had
	output    string
}

// execute runs a command, within limits. That it fails or is killed is a result; an error is that it
// does not start, or that ctx has ended.
func (c *course) execute(ctx context.Context, limits limits, name string, arguments ...string) (result, error) {
	limited, stop := context.WithTimeout(ctx, limits.time)
	defer stop()
	limited, kill := context.WithCancelCause(limited)
	defer kill(nil)
	var output tail
	command := exec.CommandContext(limited, name, arguments...)
	command.Dir = c.dir
	command.Env = append(os.Environ(), "GOWORK=off", "GOTRACEBACK=all",
		"GORACE=atexit_sleep_ms=0") // else the race detector waits a second for goroutines, at the end
	command.Env = append(command.Env, c.tools.env...)
	command.Stdout, command.Stderr = &output, &output
	command.WaitDelay = time.Second // for what a go command has started, and holds the streams
	if err := command.Start(); err != nil {
		return result{}, fmt.Errorf("%s: %w", command, err)
	}
	var watch sync.WaitGroup
	if limits.memory > 0 {
		watch.Go(func() {
			watchMemory(limited, c.tools.proc, command.Process.Pid, limits.memory, func() { kill(errGreedy) })
		})
	}
	err := command.Wait()
	cause := context.Cause(limited)
	kill(nil)
	watch.Wait()
	switch {
	case ctx.Err() != nil:
		return result{}, context.Cause(ctx)
	case cause != nil:
		return result{killed: true, greedy: cause == errGreedy, output: c.shorten(output)}, nil
	case err != nil && !errors.As(err, new(*exec.ExitError)):
		return result{}, fmt.Errorf("%s: %w", command, err)
	}
	return result{succeeded: err == nil, output: c.shorten(output)}, nil
}

var errGreedy = errors.New("too much memory")

// shorten cuts the paths of the learner's files.
func (c *course) shorten(output []byte) string {
	return strings.ReplaceAll(string(output), c.dir+string(filepath.Separator), "")
}

// A tail keeps the end of what is written to it: an endless loop may print.
type tail []byte

const mostOutput = 1 << 20

func (t *tail) Write(p []byte) (int, error) {
	*t = append(*t, p...)
	if len(*t) > 2*mostOutput {
		*t = append((*t)[:0], (*t)[len(*t)-mostOutput:]...)
	}
	return len(p), nil
}

// signs are words of the runtime's and the test's. The first in the output counts, for the others
// may be its consequence; and of two in the same place, the first here, which says more.
var signs = []struct {
	words string
	is    state
}{
	{"panic: not written yet", notStarted},
	{"panic: test timed out", endless},
	{"panic: deadlock: all goroutines in bubble are blocked", deadlocked},
	{"panic: deadlock: main bubble goroutine has exited but blocked goroutines remain", leaks},
	{"WARNING: DATA RACE", races},
	{"panic: ", panics},
	{"fatal error: ", panics},
	{"  exercise_test.go:", fails},
}

// judge puts the output of a test in a learner's terms.
func judge(r result) verdict {
	output := "\n" + r.output
	if r.succeeded && strings.HasSuffix(output, "\nPASS\n") {
		return verdict{is: done}
	}
	switch {
	case r.greedy:
		return verdict{greedy, ""}
	case r.killed:
		return verdict{endless, ""}
	}
	is, at := fails, len(output)
	for _, sign := range signs {
		if i := strings.Index(output, sign.words); i >= 0 && i < at {
			is, at = sign.is, i
		}
	}
	// For the race detector a send on a closed channel is a race; the panic says more.
	if i := strings.Index(output, "panic: send on closed channel"); is == races && i >= 0 {
		is, at = panics, i
	}
	switch is {
	case notStarted:
		return verdict{is, ""}
	case endless, deadlocked, leaks:
		return verdict{is, waiting(output)}
	case fails:
		return verdict{is, failures(output)}
	default:
		return verdict{is, examples.FirstLines(output[at:], 30)}
	}
}

// failures are what the test wants, in its words.
func failures(output string) string {
	words := strings.Join(message.FindAllString(output, -1), "")
	if words == "" {
		return "    The program ended before the test did. Something has called os.Exit.\n" + examples.FirstLines(strings.TrimSpace(output), 30)
	}
	return examples.FirstLines(words, 10)
}

var (
	message   = regexp.MustCompile(`(?m)^ +exercise_test\.go:\d+:.*\n(?: {8}.*\n)*`) // its further lines are indented more
	goroutine = regexp.MustCompile(`(?m)^goroutine \d+ (?:gp=\S+ m=\S+ )?\[([^\],]*)`)
	learners  = regexp.MustCompile(`/(exercise\.go:\d+)`)
	tests     = regexp.MustCompile(`/(exercise_test\.go:\d+)`)
)

// waiting says of each goroutine that is in the learner's code where it is, and what it waits for.
// If there is none, those in the test may tell something.
func waiting(output string) string {
	if lines := waitingIn(learners, output); lines != "" {
		return lines
	}
	return waitingIn(tests, output)
}

func waitingIn(position *regexp.Regexp, output string) string {
	var lines bytes.Buffer
	for dump := range strings.SplitSeq(output, "\n\n") {
		state, at := goroutine.FindStringSubmatch(dump), position.FindStringSubmatch(dump)
		if state != nil && at != nil {
			fmt.Fprintf(&lines, "    %s, in a %q\n", at[1], strings.TrimSuffix(state[1], " (durable)"))
		}
	}
	return examples.FirstLines(lines.String(), 10)
}
