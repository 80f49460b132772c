package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/braidgo/braid/examples"
)

// A found is what one tool, or a run, made of a program with a bug. It is a cell of the tables of
// claims 7 and 10.
type found struct {
	Bug, Language, Tool string
	Says                string // in a few words
	Caught              bool   // somebody has noticed
	Missing             string // why nobody was asked
}

// Figure is 1 for a bug that was caught, 0 for one that was not.
func (f found) Figure() figure {
	label := f.Language + ", " + f.Tool
	if f.Missing != "" {
		return missing(f.Bug, label, f.Missing)
	}
	caught := 0.0
	if f.Caught {
		caught = 1
	}
	return one(f.Bug, label, caught, "caught")
}

// Cell is what a table says.
func (f found) Cell() string { return cmp.Or(f.Missing, f.Says) }

// The tools.
const (
	goVet, goRace, goRun = "go vet", "-race", "at run time"
	rustCompiler         = "rustc"
	rustRun, pythonRun   = "at run time", "at run time"
)

// shortRun is how long a program with a bug may take.
const shortRun = 30 * time.Second

// inspect has everything that a language has look at one bug. The programs are those of the folder
// safety.
func (l *lab) inspect(ctx context.Context, language, bug string) (all []found, err error) {
	dir, err := sources(ctx)
	if err != nil {
		return nil, err
	}
	dir = filepath.Join(dir, "safety", bug)
	scratch, err := l.scratch()
	if err != nil {
		return nil, err
	}
	switch language {
	case "go":
		return l.inspectGo(ctx, dir, scratch, bug)
	case "python":
		f := found{Bug: bug, Language: "Python", Tool: pythonRun, Missing: l.Has("python")}
		if f.Missing == "" {
			err = f.run(ctx, "python3", "-X", "dev", filepath.Join(dir, "main.py"))
		}
		return []found{f}, err
	}
	return l.inspectRust(ctx, dir, scratch, bug)
}

func (l *lab) inspectGo(ctx context.Context, dir, scratch, bug string) ([]found, error) {
	vet := found{Bug: bug, Language: "Go", Tool: goVet, Missing: lacks("go")}
	race := found{Bug: bug, Language: "Go", Tool: goRace, Missing: lacks("go")}
	run := found{Bug: bug, Language: "Go", Tool: goRun, Missing: lacks("go")}
	if lacks("go") != "" {
		return []found{vet, race, run}, nil
	}
	if examples.RaceDetectorMissing(ctx) != "" {
		race.Missing = "no C compiler, or another platform: -race needs both"
	}
	output, err := execute(ctx, "go", "vet", "-C", dir, ".")
	vet.Says, vet.Caught = "nothing", err != nil
	if vet.Caught {
		vet.Says = gist(output)
	}
	for _, f := range []*found{&run, &race} {
		if f.Missing != "" {
			continue
		}
		program := filepath.Join(scratch, f.Tool)
		build := []string{"build", "-C", dir, "-o", program}
		if f.Tool == goRace {
			build = append(build, "-race")
		}
		if output, err := execute(ctx, "go", append(build, ".")...); err != nil {
			return nil, fmt.Errorf("go build: %w: %s", err, output)
		}
		if err := f.run(ctx, program); err != nil {
			return nil, err
		}
	}
	return []found{vet, race, run}, nil
}

func (l *lab) inspectRust(ctx context.Context, dir, scratch, bug string) ([]found, error) {
	compiler := found{Bug: bug, Language: "Rust", Tool: rustCompiler, Missing: l.Has("rust")}
	run := found{Bug: bug, Language: "Rust", Tool: rustRun, Missing: compiler.Missing}
	if _, err := exec.LookPath("rustc"); compiler.Missing == "" && err != nil {
		compiler.Missing, run.Missing = "no rustc on this machine", "no rustc on this machine"
	}
	if compiler.Missing != "" {
		return []found{compiler, run}, nil
	}
	program := filepath.Join(scratch, "program")
	source := filepath.Join(dir, "main.rs")
	output, err := execute(ctx, "rustc", "--edition", "2024", "-D", "warnings", "-o", program, source)
	if err != nil {
		if !rustError.MatchString(output) {
			return nil, fmt.Errorf("rustc: %w: %s", err, output)
		}
		compiler.Caught, compiler.Says = true, "rejects it: "+rustError.FindString(output)
		run.Missing = "does not compile"
		return []found{compiler, run}, nil
	}
	compiler.Says = "accepts it"
	return []found{compiler, run}, run.run(ctx, program)
}

// An error of rustc's that is about what a program does, and not that there is no linker.
var rustError = regexp.MustCompile(`error\[E\d+\]: [^\n]*`)

// run runs a program with a bug, which prints what came out and what should have.
func (f *found) run(ctx context.Context, command string, args ...string) error {
	output, err := execute(ctx, command, args...)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	var got, want int
	switch raced := strings.Contains(output, "WARNING: DATA RACE"); {
	case raced:
		f.Caught, f.Says = true, "DATA RACE"
	case err != nil:
		f.Caught, f.Says = true, "ends the program: "+gist(output)
	default:
		if _, err := fmt.Sscanf(output, "%d of %d\n", &got, &want); err != nil {
			return fmt.Errorf("%s printed %q: %w", command, output, err)
		}
		f.Says = fmt.Sprintf("%d instead of %d, and nothing is said", got, want)
		if got == want {
			f.Says = fmt.Sprintf("%d, which is right, by luck", got)
		}
	}
	return nil
}

// gist is the line of a tool's output that names what is wrong.
func gist(output string) string {
	for l := range strings.Lines(output) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			return l
		}
	}
	return "no message"
}

// execute runs a command, and returns all that it has printed.
func execute(ctx context.Context, command string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, 2*shortRun, errors.New(command+" did not end"))
	defer cancel()
	output, err := exec.CommandContext(ctx, command, args...).CombinedOutput()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return string(output), err
}
