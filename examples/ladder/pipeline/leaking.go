package pipeline

import (
	"context"
	"sync"
)

type result struct {
	value int
	err   error
}

// Leaking is the pipeline that people write first, and the one that the Go blog begins with: a
// stage is goroutines that receive from a channel, work, and send to the next channel. All
// stages work at the same time, what is in memory is bounded, and at the end of the source
// everything ends by itself. If the source has an end, and if somebody receives until then.
func Leaking(ctx context.Context, workers int, source Source, slow Slow, collect Collect) error {
	numbers := make(chan int)
	results := make(chan result)

	// The first stage. It is the only one to send numbers, so it closes the channel.
	go func() {
		defer close(numbers)
		for number, err := range parse(source(ctx)) {
			if err != nil {
				results <- result{err: err}
				return
			}
			numbers <- number
		}
	}()

	// The second stage. Its workers end when numbers is closed and empty. Nothing catches a
	// call that panics or calls runtime.Goexit: the first ends the program, and after the
	// second a result is missing, which nobody notices.
	var slows sync.WaitGroup
	for range workers {
		slows.Go(func() {
			for number := range numbers {
				value, err := slow(ctx, number)
				results <- result{value, err} // in the order in which the calls end
			}
		})
	}

	// Many send results, so none of them can close the channel. This one waits for the last.
	go func() {
		slows.Wait()
		close(results)
	}()

	// The third stage, and the leak: when it returns before the end, nobody receives results.
	// The workers hang in their sends, then the first stage in its own, until the program
	// ends, and nothing tells the source to close what it holds. To make the channels larger
	// is no cure: however much room there is, the next line is one too many.
	for r := range results {
		if r.err != nil {
			return r.err
		}
		if !collect(r.value) {
			return nil
		}
	}
	return nil
}
