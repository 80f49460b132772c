//go:build mistakes

// Package twin makes phone calls.
package twin

import "context"

// Call says something, and hangs up when that is over, or ctx is. It throws the cancel function
// away with which it could say that it is over.
func Call(ctx context.Context, say, hangUp func()) {
	ctx, _ = context.WithCancel(ctx)
	go func() {
		<-ctx.Done()
		hangUp()
	}()
	say()
}
