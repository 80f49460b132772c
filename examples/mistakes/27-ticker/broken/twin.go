// Package twin does things once a second.
package twin

import "time"

// Tokens returns a channel from which the caller gets one token a second. The goroutine that
// fills it goes on when nobody wants tokens any more: nobody can tell it.
func Tokens() <-chan struct{} {
	tokens := make(chan struct{})
	go func() {
		for range time.Tick(time.Second) {
			tokens <- struct{}{}
		}
	}()
	return tokens
}

// Blink returns a function that ends the blinking. To stop a ticker does not close its channel,
// so that the loop goes on waiting.
func Blink(blink func()) (stop func()) {
	ticker := time.NewTicker(time.Second)
	go func() {
		for range ticker.C {
			blink()
		}
	}()
	return ticker.Stop
}
