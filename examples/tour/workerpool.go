package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"

	"github.com/braidgo/braid/workerpool"
	"golang.org/x/sync/errgroup"
)

// # A bounded set of goroutines that run tasks
//
// Thousands of files, a checksum for each: thousands of small tasks that do
// not need each other. One goroutine leaves all processors but one idle. A
// goroutine for each file uses them all, and is often as quick as anything;
// but nothing bounds it. Every file may be open and in memory at the same
// time, and what the program needs depends on its input: it works on the
// developer's tree and falls over on the customer's.
//
// A pool runs the same tasks on as many goroutines as can be of use. Here that
// is the number of processors, because a checksum computes; tasks that wait, for
// a network or a disk, deserve more workers than processors. Submitters wait
// while all workers are busy and the queue is full. That is the bound, and it is
// why memory does not grow with the input.
//
// What it does to the time depends on the machine: with two processors, one of
// them busy with something else, neither parallel way need win.
//
// When not: for three tasks, or where the number of tasks is bounded already
// by something else, start three goroutines.
func init() {
	register(lesson{
		name:  "workerpool",
		title: "a bounded set of goroutines that run tasks",
		work: "The SHA-256 of every file. Both parallel ways use all processors;\n" +
			"look at how many goroutines it takes, and how much memory.",
		item:    "file",
		read:    []string{"examples/ladder/workerpool", "workerpool/pool.go"},
		alone:   checksumsAlone,
		perItem: checksumsPerFile,
		pattern: checksumsOnPool,
	})
}

func checksumsAlone(ctx context.Context, in *input) (string, error) {
	sums := make([]checksum, len(in.files))
	for i, file := range in.files {
		sum, err := checksumOf(ctx, in, file)
		if err != nil {
			return "", err
		}
		sums[i] = sum
	}
	return checksumsAnswer(sums), nil
}

func checksumsPerFile(ctx context.Context, in *input) (string, error) {
	sums := make([]checksum, len(in.files)) // each goroutine writes its own element: no lock
	group, ctx := errgroup.WithContext(ctx)
	for i, file := range in.files {
		group.Go(func() (err error) {
			sums[i], err = checksumOf(ctx, in, file)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	return checksumsAnswer(sums), nil
}

func checksumsOnPool(ctx context.Context, in *input) (string, error) {
	pool := workerpool.New(runtime.GOMAXPROCS(0))
	defer pool.Close() // waits for the workers: none outlives this function

	sums := make([]checksum, len(in.files))
	group := pool.Group(ctx)
	for i, file := range in.files {
		group.Go(func(ctx context.Context) (err error) { // waits for room; after a failure, does nothing
			sums[i], err = checksumOf(ctx, in, file)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	return checksumsAnswer(sums), nil
}

type checksum [sha256.Size]byte

func checksumOf(ctx context.Context, in *input, file file) (checksum, error) {
	content, err := in.read(ctx, file.path)
	return sha256.Sum256(content), err
}

// together is the checksum of checksums, in their order.
func together(sums []checksum) checksum {
	var all []byte
	for _, sum := range sums {
		all = append(all, sum[:]...)
	}
	return sha256.Sum256(all)
}

func checksumsAnswer(sums []checksum) string {
	return fmt.Sprintf("the checksum of all %s checksums is %.8x...", thousands(len(sums)), together(sums))
}
