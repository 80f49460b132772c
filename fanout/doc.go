// Package fanout spreads one piece of work over many goroutines and gathers what
// comes of it.
//
// # The problem
//
// Starting goroutines is one word. What makes the rest of the page is everything
// after it: not too many at once, the results in their order, the first error and
// which input it came from, the others stopped, and nobody left behind when the
// function returns.
//
//	             ┌──▶ worker ──┐
//	in ──────────┼──▶ worker ──┼──────────▶ out, or the first error
//	             └──▶ worker ──┘
//	the caller waits here ...                ... until all of them have ended
//
// # The plain version
//
// These lines are a parallel map, and often enough:
//
//	out := make([]int, len(in))
//	var next atomic.Int64
//	var workers sync.WaitGroup
//	for range 8 {
//		workers.Go(func() {
//			for i := next.Add(1) - 1; i < int64(len(in)); i = next.Add(1) - 1 {
//				out[i] = f(in[i])
//			}
//		})
//	}
//	workers.Wait()
//
// What they do not do: return an error and start nothing after it, stop when a
// context is done, hand a panic to the caller, survive runtime.Goexit, or keep the
// workers from fighting for the one counter when f takes nanoseconds. The ladder in
// examples/ladder/parallelmap shows, rung by rung, what each of these costs.
//
// # This package
//
// Many inputs, the same for each:
//
//	[Map]       a slice; the results in order, or the first error
//	[Settle]    a slice; a result or an error for each
//	[ForEach]   a sequence, as long as it likes
//	[ByKey]     a sequence; what has the same key stays in order
//	[All]       a few different functions
//
// One answer, several who might give it:
//
//	[First]     ask all, take the first answer
//	[Quorum]    ask all, take the first k
//	[Hedge]     ask one, and another when it takes too long
//	[Flight]    many ask the same at once: ask for all of them one time
//
// Values on their way:
//
//	[Merge]     many channels into one
//	[Split]     one channel into many, each value to one
//	[Tee]       one channel into many, each value to all
//	[Hub]       publishers and subscribers, who come and go
//
// The words: an input is started when its callback is called, and fails when that
// returns an error or calls runtime.Goexit. A failure names its input, in an
// [IndexError]. The callbacks of one call are given one context (in First, Quorum and
// Hedge each its own), which ends when the call returns or when one of them has
// failed, and the failure is its cause.
//
// # When not to use it
//
// For tasks that come one by one over the life of a program, use a pool. For work
// in several stages, each with its own number of workers, use a pipeline. For two
// things at once a go statement and a channel are enough. And work that takes less than
// some ten microseconds in all is faster in a loop than on any other goroutine.
//
// # Read these files in this order
//
//	all.go       a goroutine for each; ending.go is how a call ends
//	foreach.go   a channel and workers
//	crew.go      behind Map and Settle: shares, and taking over
//	race.go      behind First, Quorum and Hedge
//	bykey.go     lanes: order for each key
//	outlet.go    waiting for several channels; tee.go, split.go, merge.go
//	hub.go and subscription.go
//	flight.go
//	sequence.go  what a sequence may do wrong
//	fifo.go and errors.go
//
// How a callback ended, by returning, by a panic or by runtime.Goexit, is found out in
// internal/capture.
package fanout
