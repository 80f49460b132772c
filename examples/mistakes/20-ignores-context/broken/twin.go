// Package twin waits for a server to start.
package twin

import (
	"context"
	"time"
)

// Wait asks every minute. It takes a context, as is good style, and does not look at it while
// it sleeps.
func Wait(ctx context.Context, ready func() bool) error {
	for !ready() {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		time.Sleep(time.Minute)
	}
	return nil
}
