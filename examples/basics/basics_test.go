// Package basics checks the first programs of the learning path: they are short, and print
// what is said beside them.
package basics

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/examples"

	// What the programs use: without it, Go would not see that they must run again.
	_ "github.com/braidgo/braid/fanout"
	_ "github.com/braidgo/braid/workerpool"
)

const mostLines = 60

// A step is a folder with one Go file, and the commands and what they print in output.txt.
func TestSteps(t *testing.T) {
	steps, err := filepath.Glob("[0-9]*")
	require.NoError(t, err)
	require.NotEmpty(t, steps)
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			code, err := filepath.Glob(step + "/*.go")
			require.NoError(t, err)
			require.Len(t, code, 1, "one program")
			require.LessOrEqual(t, strings.Count(read(t, code[0]), "\n"), mostLines, code[0])
			runs := transcript(read(t, step+"/output.txt"))
			require.NotEmpty(t, runs)
			for _, run := range runs {
				require.Contains(t, run.command, " ./examples/basics/"+step)
				printed := execute(t, run.command)
				require.True(t, same(run.printed, printed), "%s should print\n%s\nand prints\n%s", run.command, run.printed, printed)
			}
		})
	}
}

// run is a command, and what it prints.
type run struct{ command, printed string }

// transcript reads what a terminal would show: lines that begin with "$ " are commands.
func transcript(text string) (runs []run) {
	for line := range strings.Lines(text) {
		if command, is := strings.CutPrefix(line, "$ "); is {
			runs = append(runs, run{command: strings.TrimSpace(command)})
		} else {
			runs[len(runs)-1].printed += line
		}
	}
	return runs
}

// What differs from run to run is not compared: addresses, the numbers of goroutines, what was
// measured. Three dots stand for what is left out.
var differs = regexp.MustCompile(`0x[0-9a-f]+|goroutine \d+|\(\d+\.\d+s\)|\t(\d+\.\d+s|\(cached\))|about [\d.]+\w*|Found \d+`)

func same(expected, printed string) bool {
	expected, printed = differs.ReplaceAllString(expected, "#"), differs.ReplaceAllString(printed, "#")
	pattern := strings.ReplaceAll(regexp.QuoteMeta(expected), `\.\.\.`, "(?s:.*)")
	return regexp.MustCompile("^" + pattern + "$").MatchString(printed)
}

func TestSame(t *testing.T) {
	for name, c := range map[string]struct {
		expected, printed string
		same              bool
	}{
		"the same":                 {"a\nb\n", "a\nb\n", true},
		"another line":             {"a\nb\n", "a\nc\n", false},
		"a line more":              {"a\n", "a\nb\n", false},
		"a line less":              {"a\nb\n", "a\n", false},
		"lines that are left out":  {"a\n...\nc\n", "a\nb\nb\nc\n", true},
		"another end after them":   {"a\n...\nc\n", "a\nb\nd\n", false},
		"the rest of a line":       {"a...\nc\n", "a b\nc\n", true},
		"addresses and goroutines": {"0xc0 goroutine 7", "0x1f goroutine 31", true},
		"measured":                 {"about 1.5 ns, ok (0.00s)", "about 900 ns, ok (1.25s)", true},
		"a number that is exact":   {"the sum is 14", "the sum is 15", false},
	} {
		require.Equal(t, c.same, same(c.expected, c.printed), name)
	}
}

// execute runs a command at the repository's root and returns what it prints on both streams.
func execute(t *testing.T, line string) string {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // it may have to build the standard library
	defer cancel()
	var env []string
	words := strings.Fields(line)
	if words[0] == "GOEXPERIMENT=goroutineleakprofile" {
		env, words = examples.LeakProfileEnv(ctx), words[1:]
	}
	if strings.Contains(line, " -race ") {
		if reason := examples.RaceDetectorMissing(ctx); reason != "" {
			t.Skip("this step is about the race detector, which needs a C compiler: " + reason)
		}
	}
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Dir, command.Env = root, append(os.Environ(), env...)
	command.WaitDelay = time.Second // for what a go command has started, and holds the streams
	printed, err := command.CombinedOutput()
	if exit := new(exec.ExitError); ctx.Err() != nil || !errors.As(err, &exit) {
		require.NoError(t, err, "%s\n%s", line, printed) // an exit status is not an error: it is printed
	}
	return strings.ReplaceAll(string(printed), root+string(filepath.Separator), "")
}

func read(t *testing.T, file string) string {
	contents, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(contents)
}
