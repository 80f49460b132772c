// Package ratelimit limits how often something happens, and how much of it at once.
//
// # The problem
//
// Whatever a program asks of another, there is a limit to how much of it the other can bear,
// and it seldom says so in time. Nor does a program that many ask know how many will: one
// client with a loop is enough to take from all others what they came for. So there is a
// limit on either side, and what exceeds it waits, or is refused.
//
// A limit has two numbers. The rate is how often something may happen in the long run. The
// burst is how much of it may happen at once, after a rest: one click loads three pictures.
// Four per second, with a burst of three:
//
//	        0 s             1 s             2 s             3 s
//	asked   ●●●●●●                                          ●●●●
//	Allow   ●●●○○○                                          ●●●○     ○ is refused
//	Wait    ●●● ●   ●   ●                                   ●●● ●    the others in turn
//
// In any span of time T, wherever it begins, at most burst + rate × T are admitted.
//
// No goroutine hands permits out. A limiter is a time on which all its callers agree:
//
//	Allow ──────────────────────────────┐
//	Take  ──────────────────────────────┼──▶ when is the next one due? ──▶ admitted, or refused
//	Wait  ──┐                           │
//	Wait  ──┼──▶ the line, first come ──┘
//	Wait  ──┘
//	   ▲
//	   └── each waits here until it is its turn, or its context is done
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
// What they do not do: admit a burst after a rest, obey a context, know at once that a
// deadline cannot be met, say when to come again, admit five or none, keep one client
// from another, or tick three times a second, for a third of a second is not a whole
// number of nanoseconds. The ladder in examples/ladder/ratelimit shows, rung by rung, what each of
// these costs, and how easily a limiter limits nothing.
//
// # This package
//
// How often:
//
//	[Limiter]    a rate and a burst: [New]
//	[Keyed]      a rate and a burst for each client: [NewKeyed]
//	[Window]     never more than n in any span of d: [NewWindow]
//	[NewReader]  and [NewWriter]: bytes per second
//
// What is asked of a limit:
//
//	Allow    now, or not at all: for who can do without
//	Take     the same, and when to come again: for a server, which tells its client
//	Wait     in turn: for who has to do it, and has time
//	Reserve  a time, without waiting for it: for who has something else to do until then
//
// How much at once:
//
//	[Semaphore]  so many, or so much, in use: [NewSemaphore]
//	[Adaptive]   as many calls as the other side can bear, found out on the way: [NewAdaptive]
//
// For servers and clients of HTTP there is [github.com/braidgo/braid/ratelimit/httplimit].
//
// The words: an event is what is limited; n events that are asked for together are admitted
// together or not at all. What was admitted and is not refilled yet is owed; the debt shrinks
// with time, at the rate. Who waits is let go when its events are admitted.
//
// How large a burst? As large as is needed, if the other side can bear that much at once. With
// 1, events come evenly, and a moment in which nobody asks is lost. With as many as come in a
// second, what was not asked for in a second can be made up for.
//
// All clocks are monotonic: setting the system's time changes nothing. Each begins with its
// limiter, so a test can make one in a bubble of testing/synctest, where a minute takes no
// time, and use it there.
//
// # When not to use it
//
// To limit how many goroutines work on something, use a pool of workers,
// [github.com/braidgo/braid/workerpool], or fanout and pipeline, which are told how many workers
// they may have. One limit for several machines needs a place that they share, which is outside
// of a program. For something that simply happens every minute a time.Ticker is enough.
//
// # Read these files in this order
//
//	rate.go       events in a time, as a fraction
//	limit.go      the algorithm, on a page; units.go is its arithmetic
//	limiter.go    one word, a compare-and-swap, and what to do when a word is too small
//	errors.go     what a Wait fails with
//	line.go       first come, first served, without a goroutine; wait.go is a limiter's
//	reserve.go    a promise, and taking it back; setlimit.go
//	keyed.go      a limiter for each key: in a word of its shard.go, in a table, places.go
//	newcomer.go   who gets a place when all are taken
//	window.go     no rate: the last n events, remembered
//	semaphore.go  what is in use, and a line
//	adaptive.go   its size, found out: capacity.go is the algorithm, latency.go its measure
//	io.go         bytes are events
package ratelimit
