package parallelmap

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// Errgroup has golang.org/x/sync bound the goroutines, keep the first error, cancel, and
// wait. Three traps are left to whoever uses it.
//
//   - Go waits for room whether or not the context is dead, and then starts the call that
//     waited even if the one before has just failed. So each looks at the context first.
//   - The group knows nothing of positions: the error has to be given its own.
//   - When the caller's context has died, Wait returns what the first call made of that, and
//     not why. The group's context has the cause: whichever came first, a failure or the death.
//
// What it cannot survive: a panic ends the program. After runtime.Goexit, Wait says that all
// went well. And an element costs a goroutine, also those for which nothing is done any more.
func Errgroup(ctx context.Context, workers int, in []int, f Func) ([]int, error) {
	group, groupCtx := errgroup.WithContext(ctx) // groupCtx dies with the first error
	group.SetLimit(workers)
	out := make([]int, len(in))
	for i, element := range in {
		group.Go(func() error {
			if groupCtx.Err() != nil {
				return context.Cause(groupCtx)
			}
			var err error
			if out[i], err = f(groupCtx, element); err != nil {
				return fmt.Errorf("input %d: %w", i, err)
			}
			return nil
		})
	}
	if group.Wait() != nil {
		return out, context.Cause(groupCtx)
	}
	return out, nil
}
