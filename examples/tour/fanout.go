package main

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/braidgo/braid/fanout"
	"golang.org/x/sync/errgroup"
)

// # The same for every element of a slice
//
// This is the plainest work there is for more than one goroutine: a slice, a
// function, and the results in the order of the slice. Compare the three ways
// below. The loop is what one would like to write. A goroutine for each file
// takes a group, a slice made beforehand and an index. Map takes one line.
//
// What is not plain is who does what. Files differ a thousandfold in size: of
// eight equal parts of Go's own sources, one has three times the bytes of
// another, and whoever has the small one would stand idle in the end. With Map
// each worker begins with an equal part, and one that has finished takes over
// half of what another has left, down to the last file. One counter that all
// workers share, as in fanout/doc.go, divides files as well; but it becomes the
// bottleneck where an element takes nanoseconds.
//
// When a file cannot be read, no further one is started, and the error says
// which it was. Map returns when those that were running have ended.
//
// When not: some microseconds of work are done sooner in a loop. What comes one
// by one, and not in a slice, is for ForEach. When each result is to go on to a
// next stage at once, a slice of all of them comes too late.
func init() {
	register(lesson{
		name:  "fanout",
		title: "the same for every element of a slice",
		work: "The words of every file, counted. Files differ a thousandfold in size, and yet\n" +
			"no worker is idle while one is left; look at how little code that takes.",
		item:    "file",
		read:    []string{"examples/ladder/parallelmap", "fanout/map.go", "fanout/crew.go"},
		alone:   countAlone,
		perItem: countPerFile,
		pattern: countByMap,
	})
}

func countAlone(ctx context.Context, in *input) (string, error) {
	var counts []int
	for _, file := range in.files {
		n, err := in.words(ctx, file)
		if err != nil {
			return "", err
		}
		counts = append(counts, n)
	}
	return countAnswer(counts), nil
}

func countPerFile(ctx context.Context, in *input) (string, error) {
	counts := make([]int, len(in.files))
	group, ctx := errgroup.WithContext(ctx)
	for i, file := range in.files {
		group.Go(func() (err error) {
			counts[i], err = in.words(ctx, file)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	return countAnswer(counts), nil
}

func countByMap(ctx context.Context, in *input) (string, error) {
	counts, err := fanout.Map(ctx, runtime.GOMAXPROCS(0), in.files, in.words)
	if err != nil {
		return "", err
	}
	return countAnswer(counts), nil
}

func (in *input) words(ctx context.Context, file file) (int, error) {
	content, err := in.read(ctx, file.path)
	n := 0
	for range bytes.FieldsSeq(content) {
		n++
	}
	return n, err
}

// countAnswer says how unequal the files are.
func countAnswer(counts []int) string {
	total := 0
	for _, n := range counts {
		total += n
	}
	slices.Sort(counts)
	longest, counted := 0, 0
	for _, n := range slices.Backward(counts) {
		if 2*counted >= total {
			break
		}
		longest++
		counted += n
	}
	return fmt.Sprintf("half of %s words are in %s of %s files", thousands(total), thousands(longest), thousands(len(counts)))
}
