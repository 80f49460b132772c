// Package twin loads pages, ten at once.
package twin

import (
	"context"
	"errors"
	"sync"
)

// LoadAll starts a goroutine for each page, and there it waits for its turn: ten pages are loaded
// at once, and all others are there already, as goroutines that wait.
func LoadAll(ctx context.Context, pages []string, load func(context.Context, string) error) error {
	turns := make(chan struct{}, 10)
	errs := make([]error, len(pages)) // one place for each goroutine
	var all sync.WaitGroup
	for i, page := range pages {
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			errs[i] = load(ctx, page)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
