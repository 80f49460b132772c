// Package twin waits for a server to start.
package twin

import (
	"context"
	"time"
)

// Wait asks every minute. In between it waits for the minute or the context, whichever is over
// first.
func Wait(ctx context.Context, ready func() bool) error {
	for !ready() {
		select {
		case <-time.After(time.Minute):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
