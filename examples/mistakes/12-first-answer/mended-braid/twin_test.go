//go:build mistakes

package twin

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		distance := map[string]time.Duration{"near": time.Second, "far": time.Minute, "farther": time.Hour}
		ask := func(ctx context.Context, server string) string {
			select {
			case <-time.After(distance[server]): // fake time
				return server
			case <-ctx.Done():
				return "too late"
			}
		}
		if answer := First(t.Context(), []string{"far", "near", "farther"}, ask); answer != "near" {
			t.Errorf("the first answer: %s", answer)
		}
	})
}
