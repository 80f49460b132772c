// Package ratelimit climbs to a rate limiter in five rungs.
//
// The problem: something must not happen too often, because somebody else has to bear it: a
// service that admits ten requests a second, and locks out whoever sends more. After a rest a
// few may come at once, a burst. What is too much is refused, or waits for its turn.
//
//	10 per second, a burst of 3
//
//	asked     ||||||                          ||
//	admitted  ||| |   |   |                   ||          every 100 ms one of those who wait
//
// Read the files in this order. Each holds one limiter that compiles and runs, and says what
// every line of it is for:
//
//  1. limiter.go: what all five promise
//  2. ticker.go: an event for each tick
//  3. percall.go: a new limiter for every call, which limits nothing
//  4. byhand.go: a mutex and a counter, as right as forty lines can be
//  5. xtime.go: the same with golang.org/x/time/rate
//  6. braid.go: the same with braid's ratelimit
//  7. cases_test.go: the hostile cases that all five are put through
//
// `go run ./examples/ladder -only ratelimit` prints what became of each, and what it takes to
// ask for an event.
package ratelimit
