// Dupes finds files that have the same content:
//
//	go run ./examples/dupes            # in the tree of the Go installation
//	go run ./examples/dupes -watch ~   # with a view of what the stages do
//
// It is there to show package pipeline: a walk of the tree, two stages that read
// files in parallel, and between them stages that let pass only what has a twin so
// far. So reading begins while the walk goes on, and most of it is never done.
//
// Read in this order: dupes.go (the pipeline), walk.go (where files come from),
// output.go. The view is internal/view.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"

	"github.com/braidgo/braid/examples"
	"github.com/braidgo/braid/examples/internal/view"
	"github.com/braidgo/braid/pipeline"
)

const usage = `Usage: dupes [flags] [DIR ...]

Dupes prints groups of files with the same content, those that waste the most
first. A DIR may be a file, too; without any, it is the tree of the Go
installation.

Two names of one file, by a hard link or because one DIR is in another, are no
duplicates. Symbolic links are not followed, except for a DIR itself, and what
is not a regular file is never opened. What cannot be read, or changes meanwhile,
is left out and listed at the end.

With -json the output is one object; sizes are in bytes:

  groups   [{size, sha256, paths}]
  skipped  [{path, reason}]
  totals   {files, bytes, read, groups, wasted, seconds,
            and what was passed over: small, symlinks, hardlinks, special}

There, a path that is not valid UTF-8 or begins with a quotation mark is written
in Go's syntax for strings, quotation marks included. In the other output, so is
any path that holds something unprintable.

Exit status: 0 all was read, 1 something was not, 2 wrong usage, 130 Ctrl-C,
after which no group is printed.

`

// mostWorkers keeps those of two stages below the 1024 open files that many systems
// allow.
const mostWorkers = 500

func main() { os.Exit(program(openFile)) }

// program is main; the test of Ctrl-C gives it another way to open files.
func program(open opener) (status int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // from here on Ctrl-C does what it does to any program
	return run(ctx, os.Args[1:], open, os.Stdout, os.Stderr)
}

func run(ctx context.Context, args []string, open opener, stdout, stderr io.Writer) (status int) {
	s := search{open: open, known: seen{}}
	flags := flag.NewFlagSet("dupes", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&s.workers, "workers", runtime.GOMAXPROCS(0), "read `N` files at once")
	flags.Int64Var(&s.min, "min", 1, "ignore files below `SIZE`, in bytes")
	asJSON := flags.Bool("json", false, "print JSON")
	live := flags.Bool("watch", false, "show on stderr what the stages do; if it is no terminal, at the end")
	mermaid := flags.Bool("mermaid", false, "print the stages on stderr at the end, as a Mermaid diagram")
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		return 0
	case err != nil:
		return 2 // Parse has said why
	case s.workers < 1 || s.workers > mostWorkers:
		fmt.Fprintf(stderr, "dupes: -workers must be 1 to %d, not %d\n", mostWorkers, s.workers)
		return 2
	}
	if s.dirs = flags.Args(); len(s.dirs) == 0 {
		root, err := examples.GoTree(ctx)
		if err != nil {
			fmt.Fprintf(stderr, "dupes: name a directory: %v\n", err)
			return 1
		}
		s.dirs = []string{root}
	}

	var report pipeline.Report
	unwatch := func() {}
	if *live {
		unwatch = view.Live(stderr, func() string { return view.Stages(report.Stages()) })
	}
	found, err := s.find(ctx, &report)
	unwatch()
	if *mermaid {
		fmt.Fprint(stderr, report.Mermaid())
	}
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		fmt.Fprintf(stderr, "dupes: interrupted: %d files were found, %s read\n",
			found.Totals.Files, examples.InUnits(found.Totals.Read))
		return 130
	case err != nil:
		fmt.Fprintln(stderr, "dupes:", err)
		return 1
	}
	if *asJSON {
		err = found.writeJSON(stdout)
	} else {
		err = found.writeText(stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "dupes:", err)
		return 1
	}
	return found.complain(stderr)
}
