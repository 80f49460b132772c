// Package twin loads pages, ten at once.
package twin

import (
	"context"
	"sync"
)

// LoadAll waits for a turn before it starts the goroutine.
func LoadAll(ctx context.Context, pages []string, load func(context.Context, string) error) {
	turns := make(chan struct{}, 10)
	var all sync.WaitGroup
	for _, page := range pages {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			load(ctx, page)
		})
	}
	all.Wait()
}
