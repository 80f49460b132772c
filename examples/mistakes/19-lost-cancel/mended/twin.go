// Package twin makes phone calls.
package twin

import "context"

// Call says something, and hangs up when that is over, or ctx is.
func Call(ctx context.Context, say, hangUp func()) {
	ctx, over := context.WithCancel(ctx)
	defer over() // the next line after each that makes a context
	go func() {
		<-ctx.Done()
		hangUp()
	}()
	say()
}
