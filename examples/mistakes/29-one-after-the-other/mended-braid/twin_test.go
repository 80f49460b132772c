//go:build mistakes

package twin

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestTotal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		costs := func(euros int) func(context.Context) int {
			return func(context.Context) int {
				time.Sleep(time.Second) // fake time
				return euros
			}
		}
		start := time.Now()
		total := Total(t.Context(), costs(300), costs(80))
		if took := time.Since(start); total != 380 || took != time.Second { // fake time is exact
			t.Errorf("two look-ups of a second each, at the same time, took %v", took)
		}
	})
}
