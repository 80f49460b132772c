//go:build mistakes

package twin

import (
	"testing"
	"testing/synctest"

	"github.com/braidgo/braid/examples/mistakes/leaks"
)

func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLog(func(string) {})
		l.Lines <- "started"
		l.Lines <- "ended"
		l.Close()
	})
}

// The same in a program that runs on, as far as a profile can tell.
func TestLeakProfile(t *testing.T) {
	leaks.Check(t, func() {
		l := NewLog(func(string) {})
		l.Lines <- "started"
		l.Close()
	})
}
