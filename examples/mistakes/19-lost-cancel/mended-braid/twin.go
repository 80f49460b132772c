// Package twin asks several mirrors for a file, and takes what comes first.
package twin

import (
	"context"

	"github.com/braidgo/braid/fanout"
)

// Fetch leaves it to First to cancel those that are late, and to wait for them. The context of the
// one that answered lives on, so that it can be read from; here there is nothing to read.
func Fetch(ctx context.Context, mirrors []string, get func(context.Context, string) string) string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	file, err := fanout.First(ctx, mirrors, func(ctx context.Context, mirror string) (string, error) {
		return get(ctx, mirror), nil
	}, nil)
	if err != nil {
		return err.Error() // ctx has ended
	}
	return file
}
