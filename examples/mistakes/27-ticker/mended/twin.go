// Package twin does things once a second.
package twin

import "time"

// Tokens returns a channel from which the caller gets one token a second. It is the ticker's: it
// takes no goroutine, and since Go 1.23 a ticker that nobody uses is garbage, stopped or not.
func Tokens() <-chan time.Time { return time.Tick(time.Second) }

// Blink returns a function that ends the blinking: it closes a channel for which the goroutine
// waits as well.
func Blink(blink func()) (stop func()) {
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				blink()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}
