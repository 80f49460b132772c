// Package twin checks links.
package twin

import (
	"context"
	"errors"

	"github.com/braidgo/braid/fanout"
)

// Check returns what is wrong with the links. Settle looks at all of them, eight at once, and has
// an error, or none, for each.
func Check(ctx context.Context, links []string, fetch func(context.Context, string) error) error {
	results := fanout.Settle(ctx, 8, links, func(ctx context.Context, link string) (string, error) {
		return link, fetch(ctx, link)
	})
	var errs []error
	for _, result := range results {
		errs = append(errs, result.Err)
	}
	return errors.Join(errs...)
}
