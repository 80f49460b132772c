// Squeeze packs a tree of files into one zip archive, as many files at once as
// there are processors:
//
//	go run ./examples/squeeze                  # the Go source tree into ./squeeze.zip
//	unzip -t squeeze.zip
//
// It is there to show workerpool.NewStateful. A compressor is a megabyte of
// tables: one for each of the eleven thousand files of the Go source tree would
// allocate twelve gigabytes. So each worker makes one and reuses it.
//
// Read in this order: squeeze.go (all of the concurrency), compress.go (what a
// worker owns and does), tree.go, archive.go, report.go.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"

	"github.com/braidgo/braid/examples"
)

const usage = `Squeeze packs the files and symbolic links of a tree into one zip archive,
compressing many at once. The same tree gives the same bytes, whenever, wherever
and with however many workers it is packed: modification times are left out, of
the permissions only "executable" is kept, and empty directories are not stored.

A file that cannot be read is left out and listed at the end. After Ctrl-C the
files in hand are finished and saved as NAME.partial.zip; a second Ctrl-C stops at
once, and leaves a directory .squeeze-* behind. NAME.zip itself appears, or is
replaced, only when the archive is complete.

Exit status: 0 all is packed, 1 something could not be, 2 wrong usage, 130 Ctrl-C.

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, func() {
		stop() // from here on Ctrl-C does what it does to any program
		fmt.Fprintln(os.Stderr, "\nfinishing the files in hand; Ctrl-C again stops at once")
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (status int) {
	cfg := config{open: openSource, create: createFile}
	flags := flag.NewFlagSet("squeeze", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&cfg.dir, "dir", "", "pack the files under `DIR` (default: the source tree of the Go installation)")
	flags.StringVar(&cfg.out, "out", "squeeze.zip", "write the archive to `FILE`")
	flags.IntVar(&cfg.workers, "workers", runtime.GOMAXPROCS(0), "compress `N` files at once")
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		return 0
	case err != nil:
		return 2 // Parse has said why
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "squeeze: unexpected argument %q\n", flags.Arg(0))
		return 2
	case cfg.workers < 1:
		fmt.Fprintf(stderr, "squeeze: -workers must be at least 1, not %d\n", cfg.workers)
		return 2
	}
	if cfg.dir == "" {
		root, err := examples.GoTree(ctx)
		if err != nil {
			fmt.Fprintf(stderr, "squeeze: use -dir: %v\n", err)
			return 1
		}
		cfg.dir = filepath.Join(root, "src")
	}
	return squeeze(ctx, cfg, stdout, stderr)
}
