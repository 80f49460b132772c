package parallelmap

import (
	"context"

	"github.com/braidgo/braid/fanout"
)

// Braid leaves all of it to braid's fanout. Where byhand.go has one index that all workers
// add to, there every worker has a part of the slice and an index of its own, and takes over
// half of another's part when it has finished with its own. So an element that takes
// nanoseconds is not dearer to claim than to do. A panic of f goes on in the caller, with the
// stack of where it began.
func Braid(ctx context.Context, workers int, in []int, f Func) ([]int, error) {
	return fanout.Map(ctx, workers, in, f)
}
