// Ladder puts every rung of a ladder through the same hostile cases, here and now, and
// prints what became of each and what it adds to the work:
//
//	go run ./examples/ladder [-only NAME]
//
// A ladder is one pattern written several times: the first idea, the version people write
// first, the best that fits in a few lines, and the libraries. Each has a folder here.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/braidgo/braid/examples/ladder/firstanswer"
	"github.com/braidgo/braid/examples/ladder/internal/matrix"
	"github.com/braidgo/braid/examples/ladder/parallelmap"
	"github.com/braidgo/braid/examples/ladder/pipeline"
	"github.com/braidgo/braid/examples/ladder/ratelimit"
	"github.com/braidgo/braid/examples/ladder/workerpool"
)

// A new ladder is a folder beside workerpool and a line here.
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

// showAll shows the ladder of the given name, or every ladder if there is no name.
func showAll(only string) error {
	shown := 0
	for _, ladder := range ladders {
		if only != "" && only != ladder.Name {
			continue
		}
		if shown++; shown > 1 {
			fmt.Println()
		}
		if err := show(ladder); err != nil {
			return fmt.Errorf("%s: %w", ladder.Name, err)
		}
	}
	if shown == 0 {
		return fmt.Errorf("there is no ladder %q", only)
	}
	return nil
}

// show prints the ladder's matrix. The matrix is what came out, also where that is not what
// the ladder declares: then show returns an error as well.
func show(ladder matrix.Ladder) error {
	fmt.Fprintf(os.Stderr, "%s: every case in a process of its own, which takes some ten seconds ...\n\n", ladder.Name)
	found, surprise := judge(ladder)
	if len(found.cases) == 0 {
		return surprise
	}
	costs, err := measure(ladder)
	if err != nil {
		return err
	}
	if err := write(os.Stdout, ladder, found, costs); err != nil {
		return err
	}
	return surprise
}
