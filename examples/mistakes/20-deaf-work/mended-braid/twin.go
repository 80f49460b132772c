// Package twin makes an index of pages.
package twin

import (
	"context"
	"slices"

	"github.com/braidgo/braid/fanout"
)

// Index hands its context to ForEach, which begins no page after its end.
func Index(ctx context.Context, pages []string, read func(context.Context, string) error) error {
	return fanout.ForEach(ctx, 1, slices.Values(pages), read)
}
