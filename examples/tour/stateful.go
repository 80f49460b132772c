package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"

	"github.com/braidgo/braid/workerpool"
	"golang.org/x/sync/errgroup"
)

// # Workers that keep what is expensive to make
//
// A compressor is about a megabyte of tables, and most files of a source tree
// are a few kilobytes: making the compressor costs more than using it. The
// same goes for a connection to a database, a prepared statement, an image
// buffer. Such a thing can be used again, but by one task at a time.
//
// A stateful pool opens one for each worker, hands it to every task that the
// worker runs, and closes it when the worker ends. No lock is needed, because
// a worker runs one task at a time; and there are never more compressors than
// workers.
//
// When not: when the thing is cheap, or when any number of goroutines may use
// it at once, as with an http.Client. A sync.Pool also lends things out again,
// but it does not say how many there are and never closes one.
func init() {
	register(lesson{
		name:  "stateful",
		title: "workers that keep what is expensive to make",
		work: "The first 1,000 files compressed with gzip. A compressor is about a megabyte;\n" +
			"look at what it costs to make one for each file.",
		item:    "file",
		read:    []string{"examples/squeeze", "workerpool/stateful.go"},
		alone:   compressAlone,
		perItem: compressPerFile,
		pattern: compressOnWorkers,
	})
}

func compressAlone(ctx context.Context, in *input) (string, error) {
	compressor, err := openCompressor(ctx)
	if err != nil {
		return "", err
	}
	var total byteCount
	for _, file := range first(in) {
		if err := compress(ctx, in, file, compressor, &total); err != nil {
			return "", err
		}
	}
	return total.String(), nil
}

func compressPerFile(ctx context.Context, in *input) (string, error) {
	var total byteCount
	group, ctx := errgroup.WithContext(ctx)
	for _, file := range first(in) {
		group.Go(func() error {
			compressor, err := openCompressor(ctx)
			if err != nil {
				return err
			}
			return compress(ctx, in, file, compressor, &total)
		})
	}
	err := group.Wait()
	return total.String(), err
}

func compressOnWorkers(ctx context.Context, in *input) (string, error) {
	pool := workerpool.NewStateful(runtime.GOMAXPROCS(0), openCompressor, (*gzip.Writer).Close)
	var total byteCount
	group := pool.Group(ctx)
	for _, file := range first(in) {
		group.Go(func(ctx context.Context, compressor *gzip.Writer) error {
			return compress(ctx, in, file, compressor, &total)
		})
	}
	err := errors.Join(group.Wait(), pool.Close()) // in this order: Close would cancel what runs
	return total.String(), err
}

// first is not all files of a large tree: a compressor for each of them at the
// same time could be more than the machine has.
func first(in *input) []file { return in.files[:min(len(in.files), 1_000)] }

func openCompressor(context.Context) (*gzip.Writer, error) {
	return gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
}

func compress(ctx context.Context, in *input, file file, compressor *gzip.Writer, into io.Writer) error {
	content, err := in.read(ctx, file.path)
	if err != nil {
		return err
	}
	compressor.Reset(into)
	_, err = compressor.Write(content)
	return errors.Join(err, compressor.Close())
}

// byteCount counts what is written to it, from any number of goroutines.
type byteCount struct{ atomic.Int64 }

func (c *byteCount) Write(p []byte) (int, error) {
	c.Add(int64(len(p)))
	return len(p), nil
}

func (c *byteCount) String() string {
	return fmt.Sprintf("compressed to %s bytes", thousands(c.Load()))
}
