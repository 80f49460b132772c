//go:build mistakes

package twin

import (
	"testing"
	"testing/synctest"
)

func TestSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := Folder{Bytes: 1}
		for range 5 { // each folder in another one
			tree = Folder{Bytes: 1, Folders: []Folder{tree}}
		}
		if size := Size(tree); size != 6 {
			t.Errorf("6 bytes are %d", size)
		}
	})
}
