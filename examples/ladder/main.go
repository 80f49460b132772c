// Ladder puts every rung of every ladder through hostile cases, here and now, and prints one
// matrix of what became of each, and what it adds to the work:
//
//	go run ./examples/ladder [-only NAME]
//
// A ladder is one pattern written five times: the first idea, the version people write first,
// the best that fits in a few lines, and two libraries. Each has a folder here.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/braidgo/braid/examples/ladder/firstanswer"
	"github.com/braidgo/braid/examples/ladder/internal/matrix"
	"github.com/braidgo/braid/examples/ladder/parallelmap"
	"github.com/braidgo/braid/examples/ladder/pipeline"
	"github.com/braidgo/braid/examples/ladder/ratelimit"
	"github.com/braidgo/braid/examples/ladder/workerpool"
)

// A new ladder is a folder beside workerpool and a line here. Its rungs are of the kinds in print.go,
// one of each, in this order.
var ladders = []matrix.Ladder{
	workerpool.Ladder,
	parallelmap.Ladder,
	firstanswer.Ladder,
	pipeline.Ladder,
	ratelimit.Ladder,
}

func main() {
	var names []string
	for _, ladder := range ladders {
		names = append(names, ladder.Name)
	}
	only := flag.String("only", "", "show the ladder of this `name` alone: "+strings.Join(names, ", "))
	flag.Parse()
	if err := showAll(*only); err != nil {
		fmt.Fprintln(os.Stderr, "ladder:", err)
		os.Exit(1)
	}
}

// showAll shows the ladder of the given name, or every ladder if there is no name. What is shown is
// what came out, also where that is not what a ladder declares: that is an error as well.
func showAll(only string) error {
	chosen := slices.DeleteFunc(slices.Clone(ladders), func(l matrix.Ladder) bool {
		return only != "" && only != l.Name
	})
	if len(chosen) == 0 {
		return fmt.Errorf("there is no ladder %q", only)
	}
	var parts []part
	var surprises []error
	for _, ladder := range chosen {
		fmt.Fprintf(os.Stderr, "%s: every case in a process of its own, which takes some ten seconds ...\n", ladder.Name)
		found, err := judge(ladder)
		if err != nil {
			surprises = append(surprises, fmt.Errorf("%s: %w", ladder.Name, err))
		}
		if len(found.cases) == 0 {
			continue
		}
		costs, err := measure(ladder)
		if err != nil {
			return fmt.Errorf("%s: %w", ladder.Name, err)
		}
		parts = append(parts, part{ladder, found, costs})
	}
	if len(parts) > 0 {
		fmt.Fprintln(os.Stderr)
		if err := write(os.Stdout, parts, width(os.Stdout)); err != nil {
			return err
		}
	}
	return errors.Join(surprises...)
}

// width is that of the terminal, or eighty, as people have had it for ever.
func width(out *os.File) int {
	if width, _, err := term.GetSize(int(out.Fd())); err == nil {
		return width
	}
	return 80
}
