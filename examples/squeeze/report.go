package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/braidgo/braid/examples"
)

// squeeze does the whole work and says how it went; it returns the exit status.
func squeeze(ctx context.Context, cfg config, stdout, stderr io.Writer) (status int) {
	start := time.Now()
	if err := checkOutput(cfg.out); err != nil {
		fmt.Fprintf(stderr, "squeeze: %v\n", err)
		return 1
	}
	files, failed, err := list(ctx, cfg.dir, cfg.out, partialName(cfg.out))
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "squeeze: interrupted before the first file")
		return 130
	} else if err != nil {
		fmt.Fprintf(stderr, "squeeze: %v\n", err)
		return 1
	}
	advance, finish := progress(stderr, files)
	result, size, err := produce(ctx, cfg, files, advance)
	finish()
	if err != nil {
		fmt.Fprintf(stderr, "squeeze: %s was not written: %v\n", cfg.out, err)
		return 1
	}

	if result.left > 0 {
		fmt.Fprintf(stderr, "squeeze: interrupted: %d of %d files were left, %s was not written\n", result.left, len(files), cfg.out)
		cfg.out, status = partialName(cfg.out), 130
	}
	if result.files > 0 {
		fmt.Fprintf(stdout, "%s: %d files, %s in, %s out (%.1f%%), %v, %d at once\n", cfg.out, result.files,
			examples.InUnits(result.bytes), examples.InUnits(size), 100*float64(size)/float64(max(result.bytes, 1)),
			time.Since(start).Round(time.Millisecond), cfg.workers)
	} else if status == 0 {
		fmt.Fprintf(stderr, "squeeze: %s was not written: there was nothing to pack in %s\n", cfg.out, cfg.dir)
		status = 1
	}
	if failed = append(failed, result.unreadable...); len(failed) > 0 {
		reportUnreadable(stderr, failed)
		status = max(status, 1)
	}
	return status
}

func reportUnreadable(stderr io.Writer, failed []unreadable) {
	const shown = 20
	fmt.Fprintf(stderr, "squeeze: %d could not be read:\n", len(failed))
	for _, f := range failed[:min(len(failed), shown)] {
		reason := f.err
		if err, ok := errors.AsType[*fs.PathError](reason); ok {
			reason = err.Err // without the path, which may hold bytes that no terminal should see
		}
		fmt.Fprintf(stderr, "  %q: %v\n", f.path, reason)
	}
	if more := len(failed) - shown; more > 0 {
		fmt.Fprintf(stderr, "  and %d more\n", more)
	}
}

// progress shows a bar if stderr is a terminal. Both functions do nothing otherwise.
func progress(stderr io.Writer, files []source) (advance func(int64), finish func()) {
	terminal, ok := stderr.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return func(int64) {}, func() {}
	}
	var total int64
	for _, f := range files {
		total += f.info.Size()
	}
	bar := progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(terminal),
		progressbar.OptionShowBytes(true),
		progressbar.OptionShowTotalBytes(true),
		progressbar.OptionShowCount(),
		progressbar.OptionThrottle(50*time.Millisecond),
		progressbar.OptionFullWidth(),
		progressbar.OptionClearOnFinish(),
	)
	return func(n int64) { _ = bar.Add64(n) }, func() { _ = bar.Clear() }
}
