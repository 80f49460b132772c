//go:build mistakes

package twin

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		err := Wait(ctx, func() bool { return false })
		if after := time.Since(start); err == nil || after != time.Second { // fake time is exact
			t.Errorf("Wait was to give up after 1s; it did after %v", after)
		}
	})
}
