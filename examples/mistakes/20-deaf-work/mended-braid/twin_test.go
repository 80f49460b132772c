//go:build mistakes

package twin

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestIndex(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := func(ctx context.Context, _ string) error { // each takes a minute, in fake time
			select {
			case <-time.After(time.Minute):
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		start := time.Now()
		err := Index(ctx, make([]string, 10), read)
		if took := time.Since(start); took != 90*time.Second || err == nil {
			t.Errorf("told to end after 1m30s, it has ended after %v: %v", took, err)
		}
	})
}
