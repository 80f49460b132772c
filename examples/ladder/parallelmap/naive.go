package parallelmap

import (
	"context"
	"sync"
)

// Naive starts a goroutine for every element, and ignores how many workers it should have.
// Each writes its own element of out, so nothing has to be locked, and the order is right.
//
// But a million elements are a million goroutines, and their files and connections. All of
// them have started before the first one fails, so nothing is left to stop. Of a failure
// nobody knows where it came from. And two at once write one variable: a data race, which
// nothing shows but the race detector.
func Naive(ctx context.Context, _ int, in []int, f Func) ([]int, error) {
	out := make([]int, len(in))
	var running sync.WaitGroup
	var failure error
	for i, element := range in {
		running.Go(func() {
			var err error
			if out[i], err = f(ctx, element); err != nil {
				failure = err // no lock
			}
		})
	}
	running.Wait() // every call has ended: this much is right
	return out, failure
}
