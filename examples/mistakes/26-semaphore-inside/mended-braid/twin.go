// Package twin does something to every file, to at most four at once.
package twin

import (
	"context"
	"iter"

	"github.com/braidgo/braid/fanout"
)

// ForEach has four goroutines, which take one file after the other.
func ForEach(files iter.Seq[string], do func(file string)) {
	fanout.ForEach(context.Background(), 4, files, func(_ context.Context, file string) error {
		do(file)
		return nil
	})
}
