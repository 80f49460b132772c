//go:build mistakes

package twin

import (
	"testing"
	"testing/synctest"
)

func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLog(func(string) {})
		l.Lines <- "started"
		l.Lines <- "ended"
		l.Close()
	})
}
