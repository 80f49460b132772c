//go:build mistakes

package twin

import (
	"context"
	"testing"
	"testing/synctest"
)

func TestFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		get := func(ctx context.Context, mirror string) string {
			if mirror == "broken" {
				<-ctx.Done() // it never answers
			}
			return mirror
		}
		// Not t.Context(): that ends with the test, and not many programs do.
		if file := Fetch(context.Background(), []string{"broken", "good"}, get); file != "good" {
			t.Errorf("the file is from the %s mirror", file)
		}
	})
}
