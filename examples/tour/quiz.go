package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"

	"github.com/braidgo/braid/examples"
	"github.com/braidgo/braid/examples/mistakes/pairs"
)

// quiz shows twins of examples/mistakes, and asks what becomes of each before it runs it.
type quiz struct {
	pair string // "" is all of them
	seed uint64

	in    io.Reader // lines; at its end the quiz ends
	out   io.Writer
	width int // of out, in columns

	asked, right int
	surprises    []error // where a tool did not say what is declared
}

func (z *quiz) run() error {
	chosen := pairs.All
	if z.pair != "" {
		p, err := pairs.Find(z.pair)
		if err != nil {
			return err
		}
		chosen = []pairs.Pair{p}
	}
	b, err := pairs.NewBuilder(context.Background())
	if err != nil {
		return err
	}
	all, err := questions(b, chosen, rand.New(rand.NewPCG(z.seed, 0)))
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("only vet says something of %s, which runs nothing: "+
			"go run ./examples/mistakes -run %[1]s", z.pair)
	}
	return z.ask(b, all)
}

func (z *quiz) ask(b *pairs.Builder, all []question) error {
	z.introduce()
	lines := bufio.NewScanner(z.in)
	for i, q := range all {
		fmt.Fprintf(z.out, "\nQuestion %d of %d\n\n", i+1, len(all))
		code, err := q.code(b)
		if err != nil {
			return err
		}
		fmt.Fprint(z.out, indented(code))
		guess, more := z.guess(lines)
		if !more {
			break
		}
		if err := untilInterrupted(func(ctx context.Context) error { return z.show(ctx, b, q, guess) }); err != nil {
			return err
		}
		fmt.Fprintf(z.out, "\nScore: %d of %d\n", z.right, z.asked)
	}
	fmt.Fprintf(z.out, "\nThat was %d of %d. The same questions again: -quiz -seed %d\n", z.right, z.asked, z.seed)
	return errors.Join(z.surprises...)
}

func (z *quiz) introduce() {
	fmt.Fprintln(z.out, examples.Fold("What will become of each of these? Some are broken, and some are not. "+
		"Say it first; then it is run, "+
		"most of them in the fake time of synctest, or under the race detector, which sees a race even where the answer "+
		"comes out right. What a test asks for is what should come out.", z.width))
	for _, o := range outcomes {
		fmt.Fprintf(z.out, "  %s  %-13s %s\n", o.key, o.name, o.means)
	}
}

// guess asks until there is an answer. There is none, and no more, after q and at the end of the input.
func (z *quiz) guess(lines *bufio.Scanner) (guess outcome, more bool) {
	for {
		fmt.Fprint(z.out, "\n")
		for _, o := range outcomes {
			fmt.Fprintf(z.out, "%s: %s, ", o.key, o.name)
		}
		fmt.Fprint(z.out, "q: quit > ")
		if !lines.Scan() {
			fmt.Fprintln(z.out)
			return outcome{}, false
		}
		said := strings.ToLower(strings.TrimSpace(lines.Text()))
		for _, o := range outcomes {
			if said == o.key || said == o.name {
				return o, true
			}
		}
		if said == "q" || said == "quit" {
			return outcome{}, false
		}
	}
}

// excerpt is what a tool said, without what is not the twin's: of a dump of all goroutines, the
// frames in its own files.
func excerpt(output string) string {
	const most = 30 // lines
	short := foreignFrame.ReplaceAllString(output, "")
	if short != output {
		short = strings.TrimRight(short, "\n") + "\n(calls of other packages are left out)\n"
	}
	return examples.FirstLines(short, most)
}

// A frame is two lines: what was called, and where. The paths of twins are relative.
var foreignFrame = regexp.MustCompile(`(?m)^.*\n[ \t]+/.*:\d+.*\n`)

// show runs the twin, and says what the tool said, whether the guess was right, and what mends it.
func (z *quiz) show(ctx context.Context, b *pairs.Builder, q question, guess outcome) error {
	defer b.Close() // nothing is left on the disk while the learner thinks, and may leave with Ctrl-C
	fmt.Fprintf(z.out, "\n$ %s\n", q.proof.Command(ctx, b, q.twin))
	said, err := q.proof.Run(ctx, b, q.twin)
	missing := new(pairs.RaceDetectorMissing)
	switch {
	case errors.As(err, &missing):
		fmt.Fprintf(z.out, "%sSo it does not count. Elsewhere it would be: %s.\n", missing, q.outcome().name)
	case err != nil:
		return err
	default:
		fmt.Fprint(z.out, excerpt(said.Output))
		if err := q.proof.Judge(q.pair, q.twin, said); err != nil {
			z.surprises = append(z.surprises, err)
			fmt.Fprintf(z.out, "\nThat is not what was to be seen, so it does not count: %s\n", q.outcome().name)
			break
		}
		z.asked++
		word := "No"
		if guess == q.outcome() {
			z.right++
			word = "Right"
		}
		fmt.Fprintf(z.out, "\n%s: %s.\n", word, q.outcome().name)
	}
	return z.explain(b, q)
}

func (z *quiz) explain(b *pairs.Builder, q question) error {
	difference, err := q.difference(b)
	if err != nil {
		return err
	}
	if q.twin.Broken() {
		fmt.Fprintf(z.out, "%s\n\nWhat mends it:\n\n", examples.Fold(q.proof.Means, z.width))
	} else {
		fmt.Fprintf(z.out, "This is the mended one. The mistake was this: %s.\n\n", q.pair.Mistake)
	}
	_, err = fmt.Fprintf(z.out, "%s\nAll of it: examples/mistakes/%s, or go run ./examples/mistakes -run %s\n",
		indented(difference), q.pair.Folder(), q.pair.Name)
	return err
}

// indented sets code off from text.
func indented(code string) string {
	var lines strings.Builder
	for line := range strings.Lines(code) {
		if line != "\n" {
			line = "    " + line
		}
		lines.WriteString(line)
	}
	return lines.String()
}
