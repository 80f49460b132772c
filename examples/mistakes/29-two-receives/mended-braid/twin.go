// Package twin saves a file in two places at the same time.
package twin

import (
	"context"

	"github.com/braidgo/braid/fanout"
)

type save func(context.Context) error

// Save starts both, and then waits for both. If one fails, the other is cancelled.
func Save(ctx context.Context, disk, cloud save) error {
	return fanout.All(ctx, disk, cloud)
}
