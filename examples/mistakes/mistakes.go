// Mistakes holds classic bugs of concurrent Go, each broken and mended, and runs them:
//
//	go run ./examples/mistakes              lists them
//	go run ./examples/mistakes -run NAME    shows one: its code, and what a tool says of it
//
// The exit status is 0 if the tools say what is declared.
//
// To add a pair:
//
//   - Add an entry to the table in pairs.go, and nowhere else: number, name, and which tool
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
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/braidgo/braid/examples"
)

func main() {
	name := flag.String("run", "", "show the pair of this `name`, or number, and run it")
	flag.Parse()
	var err error
	switch {
	case flag.NArg() > 0:
		fmt.Fprintf(os.Stderr, "mistakes: unexpected argument %q; a pair is named with -run\n", flag.Arg(0))
		os.Exit(2)
	case *name == "":
		err = list(os.Stdout)
	default:
		err = showNamed(os.Stdout, *name)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mistakes:", err)
		os.Exit(1)
	}
}

func list(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range pairs {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", p.number, p.name, p.mistake, p.tools())
	}
	return table.Flush()
}

func showNamed(out io.Writer, name string) error {
	i := slices.IndexFunc(pairs, func(p pair) bool {
		return slices.Contains([]string{p.name, p.folder(), strconv.Itoa(p.number)}, name)
	})
	if i < 0 {
		return fmt.Errorf("there is no pair %q; go run ./examples/mistakes lists them", name)
	}
	dir, err := examples.Sources(context.Background(), "mistakes")
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "mistakes")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	return show(out, pairs[i], &builder{dir: dir, scratch: scratch})
}

// show prints each twin, and what each tool says of it. It goes on after a tool that did not
// say what is declared, and returns that as an error.
func show(out io.Writer, p pair, b *builder) error {
	fmt.Fprintf(out, "%d. %s: %s\n", p.number, p.name, p.mistake)
	twins, err := p.twins(b.dir)
	if err != nil {
		return err
	}
	var surprises []error
	for _, twin := range twins {
		if err := showCode(out, b.dir, twin); err != nil {
			return err
		}
		for _, proof := range p.proofs {
			fmt.Fprintf(out, "\n$ %s\n", proof.command(b, twin))
			said, err := proof.run(b, twin)
			if missing := new(raceDetectorMissing); errors.As(err, &missing) {
				fmt.Fprintln(out, missing)
				continue
			}
			if err != nil {
				return err
			}
			fmt.Fprint(out, examples.FirstLines(cmp.Or(said.output, "(nothing)\n"), 60)) // a dump of all goroutines is not read to its end
			if err := proof.judge(p, twin, said); err != nil {
				surprises = append(surprises, err)
			} else if twin.broken() {
				fmt.Fprintf(out, "\n%s\n", fold(fmt.Sprintf("%s, says %s: %s", proof.verdict, proof.tool, proof.means)))
			}
		}
	}
	return errors.Join(surprises...)
}

// showCode prints the files of a twin. The test is the same for all twins: it is shown once.
func showCode(out io.Writer, dir string, twin twin) error {
	files, err := filepath.Glob(filepath.Join(dir, string(twin), "*.go"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if !twin.broken() && strings.HasSuffix(file, "_test.go") {
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

// fold breaks the lines of a paragraph.
func fold(paragraph string) string {
	const width = 96
	var folded strings.Builder
	column := 0
	for word := range strings.FieldsSeq(paragraph) {
		switch {
		case column == 0:
		case column+1+len(word) > width:
			folded.WriteString("\n")
			column = 0
		default:
			folded.WriteString(" ")
			column++
		}
		folded.WriteString(word)
		column += len(word)
	}
	return folded.String()
}
