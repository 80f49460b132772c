// Package exercise is a parallel map, bounded, that stops at the first error.
//
// Write Map. It calls f for each element of in, and returns what the calls returned, in the order of
// in. At most so many calls as there are workers run at once, and so many do while enough is left.
//
// After the first error no further call is started, the context that the running calls have is
// cancelled, and Map returns that error. When ctx is cancelled it is the same, and the error is
// context.Cause(ctx). In any case Map returns when none of its calls runs any more, and not before.
package exercise

import "context"

// Map calls f for each element of in.
func Map(ctx context.Context, workers int, in []int, f func(context.Context, int) (int, error)) ([]int, error) {
	panic("not written yet")
}
