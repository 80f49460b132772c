//go:build mistakes

package twin

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/braidgo/braid/examples/mistakes/leaks"
)

func TestTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokens := Tokens()
		<-tokens
		<-tokens
	})
}

func TestBlink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		times := 0
		stop := Blink(func() { times++ })
		time.Sleep(3500 * time.Millisecond) // fake time
		stop()
		synctest.Wait()
		if times != 3 {
			t.Errorf("it has blinked %d times in 3.5 seconds", times)
		}
	})
}

// The same in a program that runs on, as far as a profile can tell.
func TestLeakProfile(t *testing.T) {
	leaks.Check(t, func() {
		stop := Blink(func() {})
		stop()
	})
}
