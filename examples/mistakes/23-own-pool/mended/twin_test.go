//go:build mistakes

package twin

import (
	"testing"
	"testing/synctest"
)

func TestShallow(t *testing.T) { test(t, 2) }

func TestDeep(t *testing.T) { test(t, 3) }

func test(t *testing.T, depth int) {
	synctest.Test(t, func(t *testing.T) {
		root := Dir{Files: 1}
		for range depth {
			root = Dir{Files: 1, Dirs: []Dir{root, root}}
		}
		if n, want := Files(root), 2<<depth-1; n != want {
			t.Errorf("%d of %d files", n, want)
		}
	})
}
