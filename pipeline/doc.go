// Package pipeline joins stages into a stream.
//
// # The problem
//
// Items come from somewhere, nobody knows how many; each goes through several steps, of
// which one computes, one waits for the network and one writes; and what comes out is to
// be in order, or at least complete. Goroutines and channels are made for that, and the
// plain version of it looks right. What makes it hard is everything that can happen on
// the way: a step fails while others are at work, the consumer has seen enough, the
// source falls silent, a slow item holds up the fast ones.
//
//	source ──▶ stage ──▶ stage ──▶ stage ──▶ sink
//	                     │   │
//	                  worker worker
//
// # The plain version
//
// A stage is a function that takes a channel and returns another:
//
//	func square(ctx context.Context, in <-chan int) <-chan int {
//		out := make(chan int)
//		go func() {
//			defer close(out)
//			for n := range in {
//				select {
//				case out <- n * n:
//				case <-ctx.Done():
//					return
//				}
//			}
//		}()
//		return out
//	}
//
// What these lines do not do: fail, keep the order with more than one goroutine, tell the
// stage before that nobody listens any more, wait until all goroutines have ended, or
// survive a panic; and each item costs two goroutine switches a stage. The ladder in
// examples/ladder/pipeline shows, rung by rung, what each of these takes.
//
// # This package
//
// Where items come from:
//
//	[From]        a sequence
//	[FromSeq2]    a sequence of items and errors
//	[FromChan]    a channel
//	[Generate]    a function that yields, waits and fails
//
// What happens to them:
//
//	[Map]         one in, one out
//	[FlatMap]     one in, any number out
//	[MapByKey]    one in, one out, in order and one at a time within a key
//	[Filter]      some go on
//	[Take]        the first n go on
//	[Batch]       slices of n, or of what has come in a while
//	[Session]     slices of what came close together
//	[Flatten]     slices back into items
//	[Merge]       several streams into one
//	[Throttle]    as often as a limiter allows
//	[Observe]     counts what the others do, for a [Report]
//
// Where they go:
//
//	[Stream.All]  a loop
//	[ForEach]     a function
//	[Collect]     a slice
//	[Reduce]      one value
//	[Drain]       nowhere
//	[Tee]         several sinks
//
// How a stage runs: [Workers], [Unordered], [Buffer], [Name]. A function of a stage can be
// wrapped, by [Retry], [Timeout] and [DeadLetter], and drops an item by returning
// [SkipItem].
//
// # The words
//
// A [Stream] is a description. To make one starts nothing and owns nothing. A sink runs
// it: that is a run. The run's goroutines belong to the sink, which returns when all of
// them have ended. What the doc comments of sources and stages say of goroutines,
// blocking and memory is about a run.
//
// A stage without [Workers] or [Buffer] is fused: it is a call from the stage before it,
// on the same goroutine, without a channel. Fused stages and what feeds them are a
// segment. The sink runs on the caller's goroutine, with the stages fused to it; every
// other segment has a goroutine of its own.
//
// Never held back: what a stage has finished the next one can have at once. Goroutines
// take what is there, but nothing waits for others to be moved with.
//
// In order: the results of a stage with workers are passed on in the order of its items.
// When the item at position k fails, all before it are delivered, none behind it is, and
// then comes the error, once, from the sink. It is a [*StageError] that names the stage
// and the position. What cannot wait for its turn ends the run at once: a failure of an
// [Unordered] stage or of the sink, and the end of the caller's context, whose cause is
// then the error.
//
// A panic is passed on like an error and raised in the caller of the sink, as a
// *braid.PanicError, when all goroutines have ended. If the error of an item comes first,
// a panic of an item behind it is not raised: in a loop it would not have happened. A
// function that calls runtime.Goexit fails with braid.ErrGoexit on a goroutine of the
// run; on the caller's own it ends the caller.
//
// # When not to use it
//
// For a slice and one function, use Map of package fanout. For two steps that cannot
// fail, a loop is shorter and faster. For a graph with loops, or stages that come and go
// while it runs, use channels. For what must survive the end of the program, use a
// message queue. A stage that does next to nothing should not have workers.
//
// # Read these files in this order
//
//	stream.go, run.go   what a stream is; what a run is, and how it ends
//	segment.go          a goroutine of a run; place.go puts stages on it
//	source.go           with guard.go: what other people's code may do wrong
//	map.go              fused, and with workers
//	gate.go, queue.go   how one goroutine waits for another; what joins two of them
//	window.go           what a stage with workers has in its hands
//	crew.go, feed.go    the workers, and how they claim items
//	turns.go            how their results find back into order
//	flatmap.go          then mapbykey.go, which has a feed of its own
//	batch.go, merge.go  and tee.go: what needs one goroutine more
//	filter.go, take.go  flatten.go, throttle.go: what needs none
//	sinks.go            retry.go, timeout.go and deadletter.go
//	report.go           with mermaid.go: what can be known of a run
package pipeline
