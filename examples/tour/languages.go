package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/braidgo/braid/examples"
	"github.com/braidgo/braid/examples/claims/blackbox"
	"github.com/braidgo/braid/examples/internal/probe"
)

// # The same work in other languages
//
// What is said of Go, beside Python and Rust, can be tried: does work that
// computes use all cores, how many tasks can wait at once, and how long does a
// message take? Each is a few lines in every language, and what was measured
// stands below. One run of some tenths of a second proves little; the laboratory,
// examples/claims, repeats it, in turn, and writes down beforehand when a claim
// holds.
//
// The last line is a bug: a buffer that is used again after it was sent. In Go
// and in Python it is wrong in silence. The race detector finds it when it
// happens in a test; rustc does not let it pass.
func init() {
	register(lesson{
		name:  "languages",
		title: "the same work in other languages",
		work: "What two documents say of Go, tried in some seconds with the languages that are\n" +
			"here. Do not look at the rows for Go alone: what do the others do better?",
		read: []string{
			"examples/internal/probe/spin.go", "examples/claims/python/lab_spin.py", "examples/claims/c05_gil.go",
			"examples/claims/safety/sent",
		},
		shows: func(ctx context.Context, out io.Writer) error { return measured.show(ctx, out) },
	})
}

// amounts are how much of each is done.
type amounts struct {
	chunks, pythonChunks int // of work, on one core; Python needs hundreds of times as long
	tasks, threads       int // that wait at once
	messages             int
}

var measured = amounts{chunks: 10_000, pythonChunks: 50, tasks: 100_000, threads: 1000, messages: 100_000}

// budget is how much memory the tasks may take.
const budget = 1 << 30

// other is a language that is here, or why it is not.
type other struct {
	name    string
	command []string // of its lab program
	why     string
}

// others finds Python, which needs nothing but itself, and what the laboratory has built of Rust.
func others(ctx context.Context) (python, rust other) {
	python, rust = other{name: "Python"}, other{name: "Rust"}
	sources, err := examples.Sources(ctx, "claims")
	if _, lacking := exec.LookPath("python3"); lacking != nil {
		err = errors.New("no python3 on this machine")
	}
	if err != nil {
		python.why = err.Error()
	} else {
		python.command = []string{"python3", filepath.Join(sources, "python", "lab.py")}
	}
	dir, err := blackbox.Dir()
	program := filepath.Join(dir, "rust", "release", "lab")
	if err == nil {
		_, err = os.Stat(program)
	}
	if err != nil {
		rust.why = "not built; go run ./examples/claims prepare does that"
	} else {
		rust.command = []string{program}
	}
	return python, rust
}

// show measures, and prints a table for each claim.
func (a amounts) show(ctx context.Context, out io.Writer) error {
	python, rust := others(ctx)
	steps := []func(context.Context, io.Writer, other, other) error{a.showCores, a.showTasks, a.showMessages}
	for _, step := range steps {
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		err := step(ctx, table, python, rust)
		table.Flush()
		if err != nil {
			return err
		}
		fmt.Fprintln(out)
	}
	return a.showSent(ctx, out, python)
}

// row prints what ask has found, or why there is nothing. Only what ends everything is an error.
func row(ctx context.Context, out io.Writer, label string, cells func() (string, error)) error {
	text, err := cells()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		text = err.Error()
	}
	fmt.Fprintf(out, "%s\t%s\n", label, text)
	return nil
}

// ask is probe.Ask, of a language that may not be here.
func (o other) ask(ctx context.Context, args ...string) (map[string]float64, error) {
	if o.why != "" {
		return nil, errors.New(o.why)
	}
	return probe.Ask(ctx, o.command, args...)
}

func (a amounts) showCores(ctx context.Context, out io.Writer, python, rust other) error {
	cores := runtime.GOMAXPROCS(0)
	fmt.Fprintf(out, "work that computes\tone worker\t%d workers, %[1]d × the work\tgain\n", cores)
	gain := func(one, all time.Duration) string {
		times := float64(cores) * one.Seconds() / all.Seconds()
		return fmt.Sprintf("%s\t%s\t%.2f ×", milliseconds(one), milliseconds(all), times)
	}
	err := row(ctx, out, "Go, fanout.Map", func() (string, error) {
		one, err := probe.Spin(ctx, "map", 1, a.chunks)
		if err != nil {
			return "", err
		}
		all, err := probe.Spin(ctx, "map", cores, cores*a.chunks)
		return gain(one.Ended.Sub(one.Began), all.Ended.Sub(all.Began)), err
	})
	spin := func(o other, label, kind string, chunks int) error {
		return row(ctx, out, label, func() (string, error) {
			var took [2]time.Duration
			for i, workers := range []int{1, cores} {
				found, err := o.ask(ctx, "spin", kind, strconv.Itoa(workers), strconv.Itoa(workers*chunks), "0")
				if err != nil {
					return "", err
				}
				took[i] = seconds(found["ended"] - found["began"])
			}
			return gain(took[0], took[1]), nil
		})
	}
	return errors.Join(err,
		spin(python, "Python, threads", "threads", a.pythonChunks),
		spin(python, "Python, processes", "processes", a.pythonChunks),
		spin(rust, "Rust, threads", "threads", a.chunks))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func (a amounts) showTasks(ctx context.Context, out io.Writer, python, rust other) error {
	fmt.Fprintln(out, "tasks that wait\thow many\ttime each\tmemory each")
	each := func(count int, took time.Duration, bytes float64) string {
		n := float64(max(count, 1))
		return fmt.Sprintf("%s\t%.1f µs\t%.1f KB", thousands(count), took.Seconds()*1e6/n, bytes/1e3/n)
	}
	err := row(ctx, out, "Go, goroutines", func() (string, error) {
		alive := probe.Goroutines(a.tasks, budget)
		return each(alive.Count, alive.Took, float64(alive.Bytes)), nil
	})
	tasks := func(o other, label, kind string, count int) error {
		return row(ctx, out, label, func() (string, error) {
			found, err := o.ask(ctx, "tasks", kind, strconv.Itoa(count), strconv.Itoa(budget))
			return each(int(found["count"]), seconds(found["seconds"]), found["bytes"]), err
		})
	}
	return errors.Join(err,
		tasks(python, "Python, threads", "threads", a.threads),
		tasks(python, "Python, asyncio", "asyncio", a.tasks),
		tasks(rust, "Rust, threads", "threads", a.threads),
		tasks(rust, "Rust, tokio", "tokio", a.tasks))
}

func (a amounts) showMessages(ctx context.Context, out io.Writer, python, rust other) error {
	fmt.Fprintln(out, "one task sends to another\ta message")
	each := func(took time.Duration) string {
		return fmt.Sprintf("%s ns", thousands(took.Nanoseconds()/int64(a.messages)))
	}
	err := row(ctx, out, "Go, a channel", func() (string, error) {
		took, _ := probe.Channel(a.messages)
		return each(took), nil
	})
	channel := func(o other, label, kind string) error {
		return row(ctx, out, label, func() (string, error) {
			found, err := o.ask(ctx, "channel", kind, strconv.Itoa(a.messages))
			return each(seconds(found["seconds"])), err
		})
	}
	return errors.Join(err,
		channel(python, "Python, queue.Queue", "threads"),
		channel(python, "Python, asyncio.Queue", "asyncio"),
		channel(rust, "Rust, std mpsc", "threads"),
		channel(rust, "Rust, tokio mpsc", "tokio"))
}

// showSent runs a bug: eight messages in one buffer.
func (a amounts) showSent(ctx context.Context, out io.Writer, python other) error {
	fmt.Fprintln(out, "A buffer is used again after it was sent. Messages that arrive as they were sent:")
	run := func(label string, command ...string) error {
		return row(ctx, out, "  "+label, func() (string, error) {
			output, err := exec.CommandContext(ctx, command[0], command[1:]...).Output()
			return strings.TrimSpace(string(output)), err
		})
	}
	err := run("Go", "go", "run", "github.com/braidgo/braid/examples/claims/safety/sent")
	if python.why == "" {
		program := filepath.Join(filepath.Dir(filepath.Dir(python.command[1])), "safety", "sent", "main.py")
		err = errors.Join(err, run("Python", "python3", program))
	}
	fmt.Fprint(out, "Nobody says anything. Two tools do: go run -race ./examples/claims/safety/sent, and rustc,\n"+
		"which does not compile such a program. go run ./examples/claims -only 5,6,7 measures all this.\n")
	return err
}
