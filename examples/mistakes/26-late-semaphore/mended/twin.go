// Package twin loads pages, ten at once.
package twin

import (
	"context"
	"errors"
	"sync"
)

// LoadAll waits for a turn before it starts the goroutine.
func LoadAll(ctx context.Context, pages []string, load func(context.Context, string) error) error {
	turns := make(chan struct{}, 10)
	errs := make([]error, len(pages)) // one place for each goroutine
	var all sync.WaitGroup
	for i, page := range pages {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			errs[i] = load(ctx, page)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
