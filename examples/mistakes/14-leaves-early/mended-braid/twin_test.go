//go:build mistakes

package twin

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/braidgo/braid/examples/mistakes/leaks"
)

func TestFind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := Find(context.Background(), []string{"to be", "or not", "to be"}, "not")
		if line != "or not" {
			t.Errorf("found %q", line)
		}
	})
}

// The same in a program that runs on, as far as a profile can tell.
func TestLeakProfile(t *testing.T) {
	leaks.Check(t, func() { Find(context.Background(), []string{"to be", "or not", "to be"}, "not") })
}
