package fanout

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// Xsync has golang.org/x/sync bound the goroutines, keep the first error, cancel, and wait. A call that
// waited for room starts even if another one has failed meanwhile, so each looks at the context first.
//
// Concepts: context, defer, goroutine, errgroup.Group
func Xsync(ctx context.Context, limit int, timeout time.Duration, items []int, f Func) ([]int, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(limit)
	results := make([]int, len(items))
	for i, item := range items {
		group.Go(func() (err error) {
			if err = ctx.Err(); err == nil {
				results[i], err = f(ctx, item)
			}
			return err
		})
	}
	return results, group.Wait()
}
