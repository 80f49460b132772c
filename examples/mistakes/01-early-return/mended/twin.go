// Package twin saves files, each on a goroutine of its own.
package twin

import (
	"context"
	"errors"
	"sync"
)

// SaveAll waits for its goroutines, and so knows their errors.
func SaveAll(ctx context.Context, files []string, save func(context.Context, string) error) error {
	var all sync.WaitGroup
	errs := make([]error, len(files)) // one place for each goroutine
	for i, file := range files {
		all.Go(func() { errs[i] = save(ctx, file) })
	}
	all.Wait()
	return errors.Join(errs...)
}
