package main

import (
	"cmp"
	"context"
	"fmt"
	"runtime"

	"github.com/braidgo/braid/workerpool"
	"golang.org/x/sync/errgroup"
)

// # Tasks that wait for tasks
//
// Are these two trees the same? Git and backup programs answer that with one
// checksum for each directory, made of the checksums of what is in it. So the
// sum of a directory needs those of the directories below it: each is a task
// that starts a task for each directory below and waits for what they return.
// A result that is returned later is a future. Go hands it out at once, Wait
// waits for it.
//
// On most pools this ends badly. As soon as every worker runs a task that waits
// for another task in the queue, nobody is left to run the queue, and the
// program stands still. A goroutine for each directory is safe from that, but
// bounds nothing. Here a task that waits lends its place, and what it waits for
// runs in it: at most as many directories are read at once as there are
// workers, however deep the tree is. Those that wait are goroutines still: at
// most one for each worker and level of the tree.
//
// When not: where no task needs another's result, a group is simpler (lesson
// workerpool). Recursion that computes for microseconds between its calls
// should stay on one goroutine.
func init() {
	register(lesson{
		name:  "futures",
		title: "tasks that wait for tasks, on a bounded pool",
		work: "One checksum for the tree, made of those of its directories. A task waits\n" +
			"for the tasks it starts; look at how few goroutines that takes.",
		item:    "directory",
		read:    []string{"workerpool/future.go", "workerpool/nesting.go"},
		alone:   treeAlone,
		perItem: treePerDirectory,
		pattern: treeByFutures,
	})
}

func treeAlone(ctx context.Context, in *input) (string, error) {
	var sumOf func(*directory) (checksum, error)
	sumOf = func(d *directory) (checksum, error) {
		sums, err := sumsOf(ctx, in, d.files)
		for _, below := range d.below {
			sum, failed := sumOf(below)
			sums, err = append(sums, sum), cmp.Or(err, failed)
		}
		return together(sums), err
	}
	sum, err := sumOf(in.root)
	return treeAnswer(in, sum), err
}

func treePerDirectory(ctx context.Context, in *input) (string, error) {
	var sumOf func(*directory) (checksum, error)
	sumOf = func(d *directory) (checksum, error) {
		parts := make([]checksum, len(d.below))
		var group errgroup.Group
		for i, below := range d.below {
			group.Go(func() (err error) {
				parts[i], err = sumOf(below)
				return err
			})
		}
		sums, err := sumsOf(ctx, in, d.files)
		err = cmp.Or(err, group.Wait())
		return together(append(sums, parts...)), err
	}
	sum, err := sumOf(in.root)
	return treeAnswer(in, sum), err
}

func treeByFutures(ctx context.Context, in *input) (string, error) {
	pool := workerpool.New(runtime.GOMAXPROCS(0))
	defer pool.Close()
	var start func(context.Context, *directory) *workerpool.Future[checksum]
	start = func(ctx context.Context, d *directory) *workerpool.Future[checksum] {
		return workerpool.Go(ctx, pool, func(ctx context.Context) (checksum, error) {
			var parts []*workerpool.Future[checksum]
			for _, below := range d.below {
				parts = append(parts, start(ctx, below)) // this ctx tells the pool who waits for whom
			}
			sums, err := sumsOf(ctx, in, d.files)
			for _, part := range parts {
				sum, failed := part.Wait(ctx)
				sums, err = append(sums, sum), cmp.Or(err, failed)
			}
			return together(sums), err
		})
	}
	sum, err := start(ctx, in.root).Wait(ctx)
	return treeAnswer(in, sum), err
}

func sumsOf(ctx context.Context, in *input, files []file) ([]checksum, error) {
	var sums []checksum
	for _, file := range files {
		sum, err := checksumOf(ctx, in, file)
		if err != nil {
			return nil, err
		}
		sums = append(sums, sum)
	}
	return sums, nil
}

func treeAnswer(in *input, sum checksum) string {
	return fmt.Sprintf("the checksum of all %s directories is %.8x...", thousands(in.directories), sum)
}
