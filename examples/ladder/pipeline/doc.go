// Package pipeline climbs to a pipeline in five rungs.
//
// The problem: lines that come one by one, and nobody knows how many. Each goes through
// three stages: it is parsed, something slow is done with it, which needs several workers,
// and the result is collected, in the order of the lines. All stages work at the same time.
// The first error ends it all, after what came before it has been collected. Whoever
// collects may have seen enough, and leave. And however many lines there are, only a few of
// them are in memory.
//
//	                  +-> slow -+
//	source --> parse -+-> slow -+-> collect     in the order of the source
//	                  +-> slow -+
//	7 6 5        4      3   2  1        0       so many are on their way, and no more
//
// Read the files in this order. Each holds one pipeline that compiles and runs, and says
// what every line of it is for:
//
//  1. pipeline.go: what all five promise, and the stage that is the same for four of them
//  2. naive.go: one stage after the other, with a slice between them
//  3. leaking.go: goroutines for each stage, with channels between them; the version people
//     write first
//  4. byhand.go: as right as forty lines can be, the pipeline of the Go blog with contexts
//  5. errgroup.go: the same with golang.org/x/sync
//  6. braid.go: the same with braid's pipeline
//  7. cases_test.go: the hostile cases that all five are put through
//
// The article is "Go Concurrency Patterns: Pipelines and cancellation", go.dev/blog/pipelines.
// It climbs from leaking.go to byhand.go, first with numbers and then with the MD5 sums of the
// files of a tree. Contexts came later: it has a channel named done where they are here.
//
// `go run ./examples/ladder -only pipeline` prints what became of each, and what it adds
// to an item.
package pipeline
