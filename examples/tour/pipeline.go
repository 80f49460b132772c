package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"runtime"
	"slices"

	"github.com/braidgo/braid/pipeline"
	"golang.org/x/sync/errgroup"
)

// # Stages joined into a stream
//
// The comments of a source tree for a spelling checker: read the files, find the
// comments, drop the empty ones, and hand over the others, in order and by the
// thousand. The first two steps are most of the work and should have all processors;
// the others are a line each. And the checker may be slower than all of them.
//
// Goroutines and channels are the classic answer. See how much of the second way
// below is not about comments. For each send somebody has to know who still receives
// when a file could not be read, or goroutines are left behind. To keep the order,
// each file has a channel of its own. And nothing bounds it: all files are read at
// once, and what was found in them waits in memory for its turn.
//
// In a pipeline each stage says what it does, and one of them how many goroutines may
// do it. What that does to the time depends on the machine, what it does to the memory
// does not. Three things are worth a look.
//
// Backpressure. The stage with workers never has more files in its hands than it has
// workers and buffer, whether they wait to be read or what was found in them waits for
// its turn. If the checker is slow, the workers soon begin no further file, and the
// source has to wait. By hand that is one more channel; here you need not ask for it.
//
// Order. A short file behind a long one is finished first and waits. So the buffer is
// also how far the others can get ahead of a long one.
//
// Fusion. Flatten, Filter and Batch have no workers, so to them a line costs a call and
// not a channel: they run on the goroutine of the checker, which is the one that has
// called ForEach. In the second way every line goes through a channel, only to be put
// into a slice behind it.
//
// When not: if you can have all results at once, a parallel Map of the slice (lesson
// fanout) with a loop behind it is shorter.
func init() {
	register(lesson{
		name:  "pipeline",
		title: "stages joined into a stream",
		work: "The comments of all files, in order and by the thousand, for a spelling checker.\n" +
			"Look at how much waits in memory for its turn when nothing bounds it.",
		item:    "file",
		read:    []string{"examples/ladder/pipeline", "pipeline/map.go", "pipeline/turns.go"},
		alone:   commentsAlone,
		perItem: commentsPerFile,
		pattern: commentsByPipeline,
	})
}

func commentsAlone(ctx context.Context, in *input) (string, error) {
	checker := newChecker()
	var block [][]byte
	for _, file := range in.files {
		comments, err := in.comments(ctx, file)
		if err != nil {
			return "", err
		}
		for _, text := range comments {
			if !saysSomething(text) {
				continue
			}
			if block = append(block, text); len(block) == blockSize {
				checker.take(block)
				block = nil
			}
		}
	}
	if len(block) > 0 {
		checker.take(block)
	}
	return checker.answer(), nil
}

func commentsPerFile(ctx context.Context, in *input) (string, error) {
	group, ctx := errgroup.WithContext(ctx)

	found := make([]chan [][]byte, len(in.files)) // a channel for each file keeps the order
	for i, file := range in.files {
		found[i] = make(chan [][]byte, 1) // room: nobody has to be there yet, or any more
		group.Go(func() error {
			comments, err := in.comments(ctx, file)
			if err == nil {
				found[i] <- comments
			}
			return err
		})
	}

	texts := make(chan []byte)
	group.Go(func() error { // ends behind the last file, or when one has failed
		defer close(texts)
		for _, one := range found {
			var comments [][]byte
			select {
			case comments = <-one:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			for _, text := range comments {
				if !saysSomething(text) {
					continue
				}
				select {
				case texts <- text:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
		}
		return nil
	})

	blocks := make(chan [][]byte)
	go func() { // ends when texts is closed: the loop below takes whatever comes
		defer close(blocks)
		var block [][]byte
		for text := range texts {
			if block = append(block, text); len(block) == blockSize {
				blocks <- block
				block = nil
			}
		}
		if len(block) > 0 {
			blocks <- block
		}
	}()

	checker := newChecker()
	for block := range blocks {
		checker.take(block)
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	return checker.answer(), nil
}

func commentsByPipeline(ctx context.Context, in *input) (string, error) {
	workers := runtime.GOMAXPROCS(0)
	files := pipeline.From(slices.Values(in.files))
	found := pipeline.Map(files, in.comments, pipeline.Workers(workers), pipeline.Buffer(2*workers))
	texts := pipeline.Filter(pipeline.Flatten(found), saysSomething)
	blocks := pipeline.Batch(texts, blockSize, 0)

	checker := newChecker()
	err := pipeline.ForEach(ctx, blocks, func(_ context.Context, block [][]byte) error {
		checker.take(block)
		return nil
	})
	if err != nil {
		return "", err
	}
	return checker.answer(), nil
}

const blockSize = 1_000

// comments returns what the lines of a file say that are nothing but a comment.
func (in *input) comments(ctx context.Context, file file) (comments [][]byte, err error) {
	content, err := in.read(ctx, file.path)
	for line := range bytes.Lines(content) {
		if text, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("//")); ok {
			comments = append(comments, text)
		}
	}
	return comments, err
}

func saysSomething(comment []byte) bool { return len(comment) > 0 }

// checker stands for whatever takes the comments. One goroutine uses it.
type checker struct {
	hash          hash.Hash // of all blocks, in order
	lines, blocks int
}

func newChecker() *checker { return &checker{hash: sha256.New()} }

func (c *checker) take(block [][]byte) {
	for _, text := range block {
		c.hash.Write(text)
	}
	c.hash.Write([]byte("end of block"))
	c.lines += len(block)
	c.blocks++
}

func (c *checker) answer() string {
	return fmt.Sprintf("%s lines in %s blocks, with the checksum %.8x...", thousands(c.lines), thousands(c.blocks), c.hash.Sum(nil))
}
