//go:build mistakes

package twin

import (
	"context"
	"testing"
	"testing/synctest"
)

func TestCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// As in a program that runs on: t.Context() would end with the test, and hide the mistake.
		Call(context.Background(), func() {}, func() {})
	})
}
