// Package twin loads pages, ten at once.
package twin

import (
	"context"
	"slices"

	"github.com/braidgo/braid/fanout"
)

// LoadAll starts ten goroutines, whatever the number of pages.
func LoadAll(ctx context.Context, pages []string, load func(context.Context, string) error) error {
	return fanout.ForEach(ctx, 10, slices.Values(pages), load)
}
