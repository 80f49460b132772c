// Package twin checks links.
package twin

import (
	"context"
	"errors"
	"sync"
)

// Check returns what is wrong with the links. WaitGroup.Go calls Done however the function ends.
func Check(ctx context.Context, links []string, fetch func(context.Context, string) error) error {
	errs := make([]error, len(links)) // one place for each goroutine
	var all sync.WaitGroup
	for i, link := range links {
		all.Go(func() { errs[i] = fetch(ctx, link) })
	}
	all.Wait()
	return errors.Join(errs...)
}
