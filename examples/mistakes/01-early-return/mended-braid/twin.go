// Package twin saves files, eight at once.
package twin

import (
	"context"
	"slices"

	"github.com/braidgo/braid/fanout"
)

// SaveAll waits for its goroutines: ForEach does.
func SaveAll(ctx context.Context, files []string, save func(context.Context, string) error) error {
	return fanout.ForEach(ctx, 8, slices.Values(files), save)
}
