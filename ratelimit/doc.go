// Package ratelimit limits how often something happens, and how much of it at once.
//
// # The problem
//
// Whatever a program asks of another, there is a limit to how much of it the other can bear,
// and it is seldom the other who says so in time. Nor does a program that many ask know how
// many will: one client with a loop is enough to take from all others what they came for. So
// there is a limit on either side, and what exceeds it waits, or is refused.
//
//	events ──▶ ┌─────────┐ ──▶ admitted: at most burst + rate × T in any time T
//	           │ limiter │
//	           └─────────┘ ──▶ refused (Allow), or later (Wait)
//
// # The plain version
//
// These lines are a limiter, and often enough:
//
//	ticker := time.NewTicker(10 * time.Millisecond) // 100 per second
//	defer ticker.Stop()
//	for job := range jobs {
//		<-ticker.C
//		do(job)
//	}
//
// What they do not do: admit a burst after a rest, obey a context, serve several goroutines
// in the order in which they came, say no instead of waiting, say when to come again, change
// the rate, or keep one client from another. The ladder in examples/ladder/ratelimit shows,
// rung by rung, what each of these costs.
//
// # This package
//
// How often:
//
//	[Limiter]    a rate and a burst: [New]. Allow, Take, Wait, Reserve
//	[Keyed]      one for each client: [NewKeyed]
//	[Window]     never more than n in any span of d: [NewWindow]
//	[NewReader]  and [NewWriter]: bytes per second
//
// How much at once:
//
//	[Semaphore]  so many, or so much, in use: [NewSemaphore]
//	[Adaptive]   as many calls as the other side can bear, found out on the way: [NewAdaptive]
//
// For servers and clients of HTTP there is [github.com/braidgo/braid/ratelimit/httplimit].
//
// The words: an event is what is limited; a request of n events is admitted as a whole or not
// at all. A [Rate] is how many events there may be in a time, and a burst is how many may
// happen at once after a rest. What was admitted and is not refilled yet is owed; the debt
// shrinks with time, at the rate. Who waits is let go when its events are admitted.
//
// All clocks are monotonic: setting the system's time changes nothing. They begin with their
// object and can be used in a bubble of testing/synctest, each object in one bubble.
//
// # When not to use it
//
// To limit how many goroutines work on something, use a pool of workers,
// [github.com/braidgo/braid/workerpool], or fanout and pipeline, whose stages have a number of
// workers. One limit for several machines needs a place that they share, which is outside of
// a program. For something that simply happens every minute a time.Ticker is enough.
//
// # Read these files in this order
//
//	rate.go       events in a time, as a fraction
//	limit.go      the algorithm, on a page; units.go is its arithmetic
//	limiter.go    one word, a compare-and-swap, and what to do when a word is too small
//	line.go       first come, first served, without a goroutine; wait.go is a limiter's
//	reserve.go    a promise, and taking it back; setlimit.go
//	keyed.go      places for keys
//	window.go, semaphore.go, adaptive.go, io.go
package ratelimit
