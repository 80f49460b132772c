// Package twin sends what two sources have into one channel.
package twin

import (
	"context"

	"github.com/braidgo/braid/fanout"
)

// Merge leaves the sending to fanout.Merge, which returns when all sources are at an end. It
// closes nothing, as whoever makes a channel closes it.
func Merge(first, second <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		// Whoever calls this reads to the end. Else the context would have to say when to stop.
		fanout.Merge(context.Background(), out, first, second)
	}()
	return out
}
