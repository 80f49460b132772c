//go:build mistakes

package twin

import (
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
)

func TestForEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		finish := make(chan struct{})
		files := slices.Values(make([]string, 1000))
		go ForEach(files, func(string) { <-finish })
		synctest.Wait() // until nobody has anything to do but to wait
		if n := runtime.NumGoroutine() - before - 1; n > 4 {
			t.Errorf("%d goroutines, of which four work", n)
		}
		close(finish)
	})
}
