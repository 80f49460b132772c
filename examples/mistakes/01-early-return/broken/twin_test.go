//go:build mistakes

package twin

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestSaveAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var saved atomic.Int64
		save := func(context.Context, string) error {
			time.Sleep(time.Millisecond) // fake time: a disk takes that long
			saved.Add(1)
			return nil
		}
		SaveAll(t.Context(), []string{"a", "b", "c"}, save)
		if n := saved.Load(); n != 3 {
			t.Errorf("SaveAll has returned, and %d of 3 files are saved", n)
		}
	})
}
