package parallelmap

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

var errGoexit = errors.New("the call ended by runtime.Goexit")

// ByHand is as right as forty lines can be. It has no channel of jobs, for the slice is
// there already: whoever adds one to the index has claimed an element. And no channel of
// results: whoever has claimed an element writes its place in out.
//
// It survives all of the cases. What it does not do well: where f takes nanoseconds and the
// processors are many, they are busy with the index and not with f, because each addition takes
// it away from another one's cache. And a panic becomes an error like any other: a caller that
// logs errors and goes on may not notice that its program is broken.
func ByHand(ctx context.Context, workers int, in []int, f Func) ([]int, error) {
	// The first call of cancel sets the cause for good: it is the first error, and it
	// reaches every running call as a dead context. No lock, no sync.Once.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	out := make([]int, len(in))
	var next atomic.Int64
	var failed atomic.Bool
	var running sync.WaitGroup
	for range min(workers, len(in)) {
		running.Go(func() { // ends when nothing is left, or with the first failure anywhere
			var i int
			var err error
			// Deferred functions run however f ends the loop. A worker reports once, and
			// nobody replaces it, for after a failure there is nothing more to do.
			defer func() {
				if v := recover(); v != nil {
					err = fmt.Errorf("panic: %v\n\n%s", v, debug.Stack())
				}
				if err != nil {
					failed.Store(true)
					cancel(fmt.Errorf("input %d: %w", i, err))
				}
			}()
			// The context is looked at before an element is claimed, so that what is claimed
			// is started. Claiming ten at once would cost less, and leave the nine behind a
			// slow one waiting while other workers have nothing to do.
			for err == nil && ctx.Err() == nil {
				if i = int(next.Add(1)) - 1; i >= len(in) {
					return
				}
				err = errGoexit // and it stays so, if f neither returns nor panics
				out[i], err = f(ctx, in[i])
			}
		})
	}

	// Wait before looking at the cause: no call outlives this one, and the last may fail.
	running.Wait()
	if failed.Load() || int(next.Load()) < len(in) {
		return out, context.Cause(ctx)
	}
	return out, nil // also if ctx is dead now: the work is done
}
