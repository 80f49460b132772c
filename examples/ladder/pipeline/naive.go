package pipeline

import (
	"context"
	"sync"
)

// Naive finishes one stage before it begins the next, with a slice between them. Each call of
// slow has a goroutine and writes its own element of results, so nothing has to be locked, and
// the order is right.
//
// But it waits for the end of a source that may have none, and keeps all of it in memory.
// What is finished waits for what is not, and is thrown away when that fails. The collector
// is asked for the first time when all work is done, so it can save nobody any of it. A
// million lines are a million goroutines. And of a failure nobody knows where it came from,
// or which of two it is: both write one variable, a data race, which nothing shows but the
// race detector.
func Naive(ctx context.Context, _ int, source Source, slow Slow, collect Collect) error {
	var numbers []int
	for number, err := range parse(source(ctx)) {
		if err != nil {
			return err
		}
		numbers = append(numbers, number)
	}

	results := make([]int, len(numbers))
	var running sync.WaitGroup
	var failure error
	for i, number := range numbers {
		running.Go(func() {
			var err error
			if results[i], err = slow(ctx, number); err != nil {
				failure = err // no lock
			}
		})
	}
	running.Wait() // every call has ended: this much is right
	if failure != nil {
		return failure
	}

	for _, result := range results {
		if !collect(result) {
			break
		}
	}
	return nil
}
