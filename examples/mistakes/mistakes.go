// Mistakes holds classic bugs of concurrent Go, each broken and mended, and runs them:
//
//	go run ./examples/mistakes              lists them
//	go run ./examples/mistakes -run NAME    shows one: its code, and what a tool says of it
//
// The exit status is 0 if the tools say what is declared.
//
// To add a pair:
//
//   - Add an entry to the table in pairs/table.go, and nowhere else: number, name, and which tool
//     says what of the broken twin. It must be said on every run, not on most.
//   - Write the twins, NN-name/broken and NN-name/mended, as short as can be, and, where braid
//     has the pattern, NN-name/mended-braid. Any folder that begins with "mended" is a twin to
//     the broken one: no tool may have anything to say of it.
//   - For the race detector, vet, or a plain run, a twin is a program, main.go. For a test it
//     is a package, twin.go (its functions are exported, or staticcheck would call them
//     unused), and twin_test.go: the same test for all twins, byte for byte.
//     For the leak profile it has a TestLeakProfile, which calls leaks.Check.
//   - twin_test.go begins with "//go:build mistakes", because a test that fails must not fail
//     `go test work`. So does whatever else vet or staticcheck would refuse.
//
// The tests run every twin three times.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/braidgo/braid/examples"
	"github.com/braidgo/braid/examples/mistakes/pairs"
)

func main() {
	name := flag.String("run", "", "show the pair of this `name`, or number, and run it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch {
	case flag.NArg() > 0:
		fmt.Fprintf(os.Stderr, "mistakes: unexpected argument %q; a pair is named with -run\n", flag.Arg(0))
		os.Exit(2)
	case *name == "":
		err = list(os.Stdout)
	default:
		err = showNamed(ctx, os.Stdout, *name)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mistakes:", err)
		os.Exit(1)
	}
}

func list(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range pairs.All {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", p.Number, p.Name, p.Mistake, p.Tools())
	}
	return table.Flush()
}

func showNamed(ctx context.Context, out io.Writer, name string) error {
	p, err := pairs.Find(name)
	if err != nil {
		return err
	}
	b, err := pairs.NewBuilder(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	return show(ctx, out, p, b)
}

// width is that of a paragraph, in columns.
const width = 96

// show prints each twin, and what each tool says of it. It goes on after a tool that did not
// say what is declared, and returns that as an error.
func show(ctx context.Context, out io.Writer, p pairs.Pair, b *pairs.Builder) error {
	fmt.Fprintf(out, "%d. %s: %s\n", p.Number, p.Name, p.Mistake)
	twins, err := b.Twins(p)
	if err != nil {
		return err
	}
	var surprises []error
	for _, twin := range twins {
		if err := showCode(out, b, twin); err != nil {
			return err
		}
		for _, proof := range p.Proofs {
			fmt.Fprintf(out, "\n$ %s\n", proof.Command(ctx, b, twin))
			said, err := proof.Run(ctx, b, twin)
			if missing := new(pairs.RaceDetectorMissing); errors.As(err, &missing) {
				fmt.Fprintln(out, missing)
				continue
			}
			if err != nil {
				return err
			}
			fmt.Fprint(out, examples.FirstLines(cmp.Or(said.Output, "(nothing)\n"), 60)) // a dump of all goroutines is not read to its end
			if err := proof.Judge(p, twin, said); err != nil {
				surprises = append(surprises, err)
			} else if twin.Broken() {
				fmt.Fprintf(out, "\n%s\n", examples.Fold(fmt.Sprintf("%s, says %s: %s", proof.Verdict, proof.Tool, proof.Means), width))
			}
		}
	}
	return errors.Join(surprises...)
}

// showCode prints the files of a twin. The test is the same for all twins: it is shown once.
func showCode(out io.Writer, b *pairs.Builder, twin pairs.Twin) error {
	files, err := b.Files(twin)
	if err != nil {
		return err
	}
	for _, file := range files {
		if !twin.Broken() && strings.HasSuffix(file, "_test.go") {
			continue
		}
		code, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\n---- %s/%s\n\n%s", twin, filepath.Base(file), code)
	}
	return nil
}
