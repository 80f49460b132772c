// Command tour runs the lessons of the learning path (../README.md) on real
// input, and shows for each what one goroutine, a goroutine for each item, and
// the pattern take for the same work.
//
//	go run ./examples/tour [-lesson NAME]
//	go run ./examples/tour -quiz             what becomes of each of these programs?
//
// Read lesson.go and one lesson, workerpool.go say, before the rest. To add a
// lesson, write a file like that one and link to it from the learning path.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/braidgo/braid/examples"
	"golang.org/x/term"
)

// tour is one run of the program: what was asked of it, and where.
type tour struct {
	dir    string // "" is the Go source tree
	lesson string // "" is all of them
	list   bool

	in          io.Reader
	out, errout io.Writer
	interactive bool // ask what to do after each lesson
	width       int  // of out, in columns
}

func main() {
	t := tour{in: os.Stdin, out: os.Stdout, errout: os.Stderr, width: 80}
	flag.StringVar(&t.dir, "dir", "", "take the files below this `directory` as input (default: the sources of the Go installation)")
	flag.StringVar(&t.lesson, "lesson", "", "run only the lesson `name`")
	flag.BoolVar(&t.list, "list", false, "list the lessons and do nothing else")
	asks := flag.Bool("quiz", false, "show programs, most of them broken, and ask what becomes of each")
	z := quiz{in: os.Stdin, out: os.Stdout, seed: rand.Uint64N(1_000_000)}
	flag.StringVar(&z.pair, "pair", "", "with -quiz, ask of the pair `name` in examples/mistakes alone")
	flag.Uint64Var(&z.seed, "seed", z.seed, "with -quiz, ask what was asked with this `number`")
	text := flag.Bool("text", false, "do not ask anything between the lessons, not even on a terminal")
	flag.Parse()

	given := make(map[string]bool)
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })

	stdin, stdout := int(os.Stdin.Fd()), int(os.Stdout.Fd())
	if !*text && term.IsTerminal(stdin) && term.IsTerminal(stdout) {
		t.interactive = true
		if width, _, err := term.GetSize(stdout); err == nil {
			t.width = width
		}
	}
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "tour: unexpected argument %q; a directory is named with -dir\n", flag.Arg(0))
		os.Exit(2)
	}
	run := t.run
	if z.width = min(t.width, widestText); *asks {
		run = z.run
	} else if given["pair"] || given["seed"] {
		fmt.Fprintln(os.Stderr, "tour: -pair and -seed are for -quiz")
		os.Exit(2)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "tour:", err)
		os.Exit(1)
	}
}

// widestText is how wide a paragraph may be, and still be read with ease.
const widestText = 96

func (t *tour) run() error {
	lessons, err := learningPath()
	if err != nil {
		return err
	}
	if t.list {
		for _, l := range lessons {
			fmt.Fprintf(t.out, "%-12s %s\n", l.name, l.title)
		}
		return nil
	}
	if lessons, err = choose(lessons, t.lesson); err != nil {
		return err
	}
	in, err := t.open()
	if err != nil {
		return err
	}
	return t.teach(lessons, in)
}

func choose(lessons []lesson, name string) ([]lesson, error) {
	if name == "" {
		return lessons, nil
	}
	var names []string
	for _, l := range lessons {
		if l.name == name {
			return []lesson{l}, nil
		}
		names = append(names, l.name)
	}
	return nil, fmt.Errorf("no lesson %q; there are %s", name, strings.Join(names, ", "))
}

// open gathers the input and says what it is.
func (t *tour) open() (*input, error) {
	dir := t.dir
	if dir == "" {
		root, err := examples.GoTree(context.Background())
		if err != nil {
			return nil, fmt.Errorf("name a directory with -dir: %w", err)
		}
		dir = filepath.Join(root, "src")
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a directory", dir)
	}
	t.announce("reading")
	var in *input
	err := untilInterrupted(func(ctx context.Context) (err error) {
		in, err = gather(ctx, os.DirFS(dir))
		return err
	})
	t.announce("")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	t.introduce(dir, in)
	return in, nil
}

func (t *tour) introduce(dir string, in *input) {
	fmt.Fprintf(t.out, "Input: %s, %s files in %s directories, %s",
		dir, thousands(len(in.files)), thousands(in.directories), megabytes(in.bytes))
	if in.cut {
		fmt.Fprintf(t.out, " (more was there than the tour takes)")
	}
	fmt.Fprint(t.out, `.
Each way of doing the work runs three times, after a garbage collection and with
the files in the cache; the medians are shown. Peaks are sampled every
millisecond: goroutines, with the caller, and heap and stacks in use, with
garbage, above what was in use before.
`)
	for i, err := range in.unreadable {
		if i == mostListed {
			fmt.Fprintf(t.errout, "tour: left out: %s more\n", thousands(len(in.unreadable)-i))
			break
		}
		fmt.Fprintln(t.errout, "tour: left out:", err)
	}
}

const mostListed = 10

// teach runs the lessons, on a terminal at the learner's pace.
func (t *tour) teach(lessons []lesson, in *input) error {
	failed := map[string]bool{}
	keys := bufio.NewScanner(t.in)
	for i := 0; i < len(lessons); {
		l := lessons[i]
		fmt.Fprintf(t.out, "\nLesson %d of %d: %s, %s\n\n%s\n\n", i+1, len(lessons), l.name, l.title, l.work)
		wrong, err := t.show(l, in)
		if err != nil {
			return err
		}
		delete(failed, l.name)
		if wrong != nil {
			failed[l.name] = true
		}
		switch t.ask(keys) {
		case "q":
			i = len(lessons)
		case "r":
		default:
			i++
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(slices.Sorted(maps.Keys(failed)), ", "))
	}
	return nil
}

// show runs one lesson. It returns what went wrong in the lesson, after
// printing it, and an error when the learner interrupted it.
func (t *tour) show(l lesson, in *input) (wrong, interrupted error) {
	if l.shows != nil {
		interrupted = untilInterrupted(func(ctx context.Context) error { return l.shows(ctx, t.out) })
		renderSources(t.out, l)
		return nil, interrupted
	}
	var attempts []attempt
	interrupted = untilInterrupted(func(ctx context.Context) error {
		attempts = l.run(ctx, in, func(label string) { t.announce("running: " + label) })
		return context.Cause(ctx)
	})
	t.announce("")
	if interrupted != nil {
		return nil, interrupted
	}
	wrong = verdict(attempts)
	renderTable(t.out, attempts, t.width)
	renderTraffic(t.out, attempts, t.width)
	renderResult(t.out, l, attempts, wrong)
	return wrong, nil
}

func (t *tour) ask(keys *bufio.Scanner) string {
	if !t.interactive {
		return ""
	}
	fmt.Fprint(t.out, "\nEnter: next, r: run again, q: quit > ")
	if !keys.Scan() {
		return "q"
	}
	return strings.TrimSpace(keys.Text())
}

// announce shows what runs, on a terminal only, on a line that is overwritten.
func (t *tour) announce(label string) {
	if t.interactive {
		fmt.Fprintf(t.out, "\r%-40s\r", label)
	}
}

// untilInterrupted runs f with a context that Ctrl-C ends; a second Ctrl-C ends
// the program. Between two such runs, while the tour waits for an answer, the
// first one does: nothing runs then.
func untilInterrupted(f func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	return f(ctx)
}
