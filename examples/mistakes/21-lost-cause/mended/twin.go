// Package twin sends a file.
package twin

import "context"

// Send returns what was said when the context was cancelled. Where nothing was said, Cause is Err.
func Send(ctx context.Context, sent <-chan struct{}) error {
	select {
	case <-sent:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
