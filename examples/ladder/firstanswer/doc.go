// Package firstanswer climbs to the first answer among replicas in five rungs.
//
// The problem: several who could answer, any of whom will do, and whose delays nobody can
// foretell. So all are asked at once, the first answer is taken, and the others are told
// that they are no longer needed. An answer holds something, an open connection say, so
// one that comes too late must be closed, and the one that is taken must stay open.
//
//	replica 0  ------------------x   cancelled
//	replica 1  -----x                failed: not an answer, go on waiting
//	replica 2  ------------>         the answer
//	replica 3  ------------------>   answered all the same: closed
//
// Read the files in this order. Each holds one function that compiles and runs, and says
// what every line of it is for:
//
//  1. first.go: what all five promise
//  2. naive.go: a goroutine per replica, and a channel
//  3. leaking.go: a channel with room for all; the version people write first
//  4. byhand.go: as right as forty lines can be
//  5. errgroup.go: the same with golang.org/x/sync
//  6. braid.go: the same with braid's fanout
//  7. cases_test.go: the hostile cases that all five are put through
//
// `go run ./examples/ladder -only firstanswer` prints what became of each, and what it adds
// to a call.
package firstanswer
