//go:build mistakes

package twin

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestSave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(context.Context) error {
			time.Sleep(time.Second) // fake time: each place takes that long
			return nil
		}
		start := time.Now()
		if err := Save(t.Context(), slow, slow); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("two places that take a second each took %v", took)
		}
	})
}
