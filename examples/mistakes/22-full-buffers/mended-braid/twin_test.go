//go:build mistakes

package twin

import (
	"testing"
	"testing/synctest"
)

func TestSquares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, n := range []int{3, 204, 205} {
			t.Logf("%d numbers", n)
			if got := len(Squares(make([]int, n))); got != n {
				t.Errorf("%d numbers have %d squares", n, got)
			}
		}
	})
}
