// Package twin loads pages, ten at once.
package twin

import (
	"context"
	"sync"
)

// LoadAll starts a goroutine for each page, and there it waits for its turn: ten pages are loaded
// at once, and all others are there already, as goroutines that wait.
func LoadAll(ctx context.Context, pages []string, load func(context.Context, string) error) {
	turns := make(chan struct{}, 10)
	var all sync.WaitGroup
	for _, page := range pages {
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			load(ctx, page)
		})
	}
	all.Wait()
}
