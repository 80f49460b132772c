// Package twin sends a file.
package twin

import "context"

// Send returns what Err says, and that is one of two things: cancelled, or too late. Why, is lost.
func Send(ctx context.Context, sent <-chan struct{}) error {
	select {
	case <-sent:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
