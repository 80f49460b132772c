//go:build mistakes

package twin

import (
	"context"
	"testing"
	"testing/synctest"
)

func TestFind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := Find(context.Background(), []string{"to be", "or not", "to be"}, "not")
		if line != "or not" {
			t.Errorf("found %q", line)
		}
	})
}
