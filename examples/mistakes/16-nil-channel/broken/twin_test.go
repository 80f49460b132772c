//go:build mistakes

package twin

import (
	"testing"
	"testing/synctest"

	"github.com/braidgo/braid/examples/mistakes/leaks"
)

func TestCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sum := 0
		for n := range Count(4) {
			sum += n
		}
		if sum != 10 {
			t.Errorf("1 + 2 + 3 + 4 = %d", sum)
		}
	})
}

// The same in a program that runs on, as far as a profile can tell.
func TestLeakProfile(t *testing.T) {
	leaks.Check(t, func() {
		go func() {
			for range Count(4) {
			}
		}()
	})
}
