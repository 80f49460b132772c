// Package twin makes an index of pages.
package twin

import "context"

// Index has a context, and nobody looks at it: neither the loop, nor read, which gets another.
func Index(ctx context.Context, pages []string, read func(context.Context, string) error) error {
	for _, page := range pages {
		if err := read(context.Background(), page); err != nil {
			return err
		}
	}
	return nil
}
