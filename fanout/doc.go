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
// The words: an input is started when its callback is called. It fails when that
// returns an error or calls runtime.Goexit. In [Map], [ForEach], [ByKey] and [All] the
// callbacks share one context. It ends when one of them fails or panics, when the
// caller's context ends, or when the call returns; the first of these is its cause.
// After that no further input is started, except those that other workers are
// starting at that moment; only All starts all of its functions. In [First], [Quorum]
// and [Hedge] each callback has a context of its own: the losers' end as soon as it is
// decided, a winner's lives as long as the caller's. In [Settle] a failure ends nothing. A
// failure that is returned names its input, in an [IndexError]; those of Settle are in
// the input's own [Result].
//
// # When not to use it
//
// For tasks that come one by one over the life of a program, use a pool,
// [github.com/braidgo/braid/workerpool]. For several stages, each with its own number of
// workers, use [github.com/braidgo/braid/pipeline]. For two things at once that cannot
// fail a go statement and a channel are enough. And work that takes less than some ten
// microseconds in all is faster in a loop than on any other goroutine.
//
// # Read these files in this order
//
//	errors.go    what comes back; internal/capture: did a callback return, panic or exit?
//	all.go       a goroutine for each; ending.go is how a call ends
//	foreach.go   a channel and workers; sequence.go runs the sequence (guard, there, can wait)
//	map.go       and settle.go; crew.go is behind both: shares, and taking over
//	race.go      behind first.go, quorum.go and hedge.go
//	bykey.go     order for each key; internal/lanes keeps the items of each apart
//	merge.go     then outlet.go, waiting for several channels, with split.go and tee.go
//	hub.go       subscription.go, and delivery.go: a publisher that has to wait
//	flight.go    callers who share a call
package fanout
