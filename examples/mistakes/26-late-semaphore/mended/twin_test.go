//go:build mistakes

package twin

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLoadAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		var mu sync.Mutex // guards most
		most := 0
		load := func(context.Context, string) error {
			time.Sleep(time.Second) // fake time: over when all others wait, or sleep as well
			mu.Lock()
			defer mu.Unlock()
			most = max(most, runtime.NumGoroutine()-before)
			return nil
		}
		if err := LoadAll(t.Context(), make([]string, 1000), load); err != nil {
			t.Error(err)
		}
		if most > 20 {
			t.Errorf("%d goroutines, to load 10 pages at once", most)
		}
	})
}
