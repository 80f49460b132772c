package fanout

import (
	"context"
	"time"

	"github.com/braidgo/braid/fanout"
)

// Braid leaves all but the timeout to braid.
//
// Concepts: context, defer, fanout.Map
func Braid(ctx context.Context, limit int, timeout time.Duration, items []int, f Func) ([]int, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return fanout.Map(ctx, limit, items, f)
}
