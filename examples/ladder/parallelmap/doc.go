// Package parallelmap climbs to a parallel map in five rungs.
//
// The problem: a slice, and a function to be called for each element. The calls may run at
// the same time, but only so many of them; the results are wanted in the order of the slice;
// and when one call fails, the caller wants to know for which element, and no more are to be
// started.
//
//	in   [0][1][2][3][4][5]
//	      |  |  |                at most `workers` at once
//	out  [0][1][2][3][4][5]      or the first error, and where it came from
//
// Read the files in this order. Each holds one map that compiles and runs, and says what
// every line of it is for:
//
//  1. map.go: what all five promise
//  2. naive.go: a goroutine per element
//  3. leaking.go: workers, a channel of jobs, a channel of results; the version people
//     write first
//  4. byhand.go: as right as forty lines can be, with one index for all workers
//  5. errgroup.go: the same with golang.org/x/sync
//  6. braid.go: the same with braid's fanout
//  7. cases_test.go: the hostile cases that all five are put through
//
// `go run ./examples/ladder -only parallelmap` prints what became of each, and what it adds
// to an element.
package parallelmap
