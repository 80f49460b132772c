//go:build mistakes

package twin

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("404: gone")
		err := Check(t.Context(), []string{"/", "/old"}, func(_ context.Context, link string) error {
			if link == "/old" {
				return gone
			}
			return nil
		})
		if !errors.Is(err, gone) {
			t.Errorf("Check: %v", err)
		}
	})
}
