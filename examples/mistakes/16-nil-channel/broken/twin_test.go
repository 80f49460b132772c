//go:build mistakes

package twin

import (
	"testing"
	"testing/synctest"
)

func TestCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sum := 0
		for n := range Count(4) {
			sum += n
		}
		if sum != 10 {
			t.Errorf("1 + 2 + 3 + 4 = %d", sum)
		}
	})
}
