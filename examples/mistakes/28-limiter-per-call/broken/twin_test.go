//go:build mistakes

package twin

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var sent []time.Duration // in fake time
		mailer := NewMailer(func(string) { sent = append(sent, time.Since(start)) })
		for _, mail := range []string{"a", "b", "c"} {
			if err := mailer.Send(t.Context(), mail); err != nil {
				t.Error(err)
			}
		}
		if !slices.Equal(sent, []time.Duration{0, time.Second, 2 * time.Second}) {
			t.Errorf("one mail a second was promised, and they were sent after %v", sent)
		}
	})
}
