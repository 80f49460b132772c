//go:build mistakes

package twin

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := new(Client)
		start := time.Now()
		for range 5 {
			if err := client.Ask(t.Context(), func() error { return nil }); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took != 4*time.Second { // fake time is exact
			t.Errorf("five questions, a second apart, took %v", took)
		}
	})
}
