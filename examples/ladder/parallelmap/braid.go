package parallelmap

import (
	"context"

	"github.com/braidgo/braid/fanout"
)

// Braid leaves all of it to braid's fanout. Where byhand.go has one index that all workers
// add to, there every worker has a part of the slice and an index of its own, and takes over
// half of another's part when it has finished with its own. So what it costs to claim an
// element does not grow with the number of processors. A panic of f goes on in the caller, with
// the stack of where it began.
func Braid(ctx context.Context, workers int, in []int, f Func) ([]int, error) {
	return fanout.Map(ctx, workers, in, f)
}
