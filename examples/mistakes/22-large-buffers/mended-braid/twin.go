// Package twin makes small pictures of large ones, on four goroutines.
package twin

import (
	"context"

	"github.com/braidgo/braid/fanout"
)

// Shrink has no channels, and the results come in order.
func Shrink(ctx context.Context, pictures []string, shrink func(string) string) []string {
	small, err := fanout.Map(ctx, 4, pictures, func(_ context.Context, picture string) (string, error) {
		return shrink(picture), nil
	})
	if err != nil {
		return nil
	}
	return small
}
