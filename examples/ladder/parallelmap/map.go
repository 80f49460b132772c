package parallelmap

import "context"

// A Func is what becomes of one element. It obeys its context: when that is dead, nobody
// waits for what the function would have found out.
type Func func(ctx context.Context, element int) (int, error)

// A Map calls f for every element of in, at most so many at once as there are workers, and
// returns the results in the order of in. After the first failure, or once ctx is dead, the
// calls that run are cancelled and no other is started; what ended the work is returned, and
// a failure has the element's position before it: "input 7: ". When all calls have ended well,
// the results are returned even to a context that has died meanwhile. When Map returns, no
// call is running.
//
// Elements and results are int to keep the rungs short. Write [T, R any] behind their
// names, and nothing else changes.
type Map func(ctx context.Context, workers int, in []int, f Func) ([]int, error)
