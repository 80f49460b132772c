//go:build mistakes

package twin

import (
	"strings"
	"testing"
	"testing/synctest"
)

func TestFew(t *testing.T) { test(t, 204) }

func TestMany(t *testing.T) { test(t, 205) }

func test(t *testing.T, pictures int) {
	synctest.Test(t, func(t *testing.T) {
		small := Shrink(t.Context(), make([]string, pictures), strings.ToLower)
		if len(small) != pictures {
			t.Errorf("%d of %d pictures", len(small), pictures)
		}
	})
}
