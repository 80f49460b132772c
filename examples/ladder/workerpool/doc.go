// Package workerpool climbs to a worker pool in five rungs.
//
// The problem: many tasks, few of which may run at once, because each of them holds
// something scarce: a core, a connection, a gigabyte. A worker pool runs them, tells its
// caller the first error, and starts nothing more once one has failed or the caller's
// context is dead.
//
//	tasks  [][][][][][][]  -->  at most `workers` at once  -->  the first error, or nil
//
// Read the files in this order. Each holds one pool that compiles and runs, and says what
// every line of it is for:
//
//  1. pool.go: what all five promise
//  2. naive.go: a goroutine per task
//  3. leaking.go: workers, a channel of jobs, a channel of results; the version people
//     write first
//  4. byhand.go: as right as forty lines of channels and WaitGroup can be
//  5. errgroup.go: the same with golang.org/x/sync
//  6. braid.go: the same with braid's workerpool
//  7. cases_test.go: the hostile cases that all five are put through
//
// `go run ./examples/ladder -only workerpool` prints what became of each, and what it adds
// to a task.
package workerpool
