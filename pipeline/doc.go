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
// survive a panic; and each item costs up to two goroutine switches a stage. The ladder in
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
// A stage without [Workers] or [Buffer] is fused: it is a function call, without a
// channel, on the goroutine that has the item anyway. Behind a source that is the
// goroutine of the source. Behind a stage with workers it is none of the workers, but the
// one that takes their results: a slow function that is fused there holds up all of it.
// The sink, and what is fused to it, runs on the caller's goroutine.
//
// Never held back: what a stage has finished the next one can have at once. Goroutines
// take what is there, but no item waits for others to fill a chunk.
//
// Bounded: a stage with workers holds as many items as it has workers, and as many
// more as [Buffer] allows; other places where goroutines meet hold 64. When they are
// full, what is before has to wait.
//
// In order: the results of a stage with workers are passed on in the order of its items.
// When the item at position k fails, all before it are delivered, none behind it is, and
// then comes the error, once, from the sink. It is a [*StageError] that names the stage
// and the position. What cannot wait for its turn ends the run at once: a failure of an
// [Unordered] stage or of the sink, and the end of the caller's context, whose cause is
// then the error.
//
// A panic is passed on like an error and raised in the caller of the sink, as a
// *braid.PanicError, when all goroutines have ended. An error that comes in its turn
// hides the panic of a later item, which in a loop would not have happened. When the run
// ends in any other way, a panic is raised, even if there is an error to return; but when
// the body of a loop over [Stream.All] panics itself, it is that panic which goes on. A
// function that calls runtime.Goexit fails with braid.ErrGoexit on a goroutine of the run;
// on the caller's own it ends the caller.
//
// A run that ends early drops what is between the stages, and a stage may have been
// called for items behind the one that failed, whose results nobody gets. Where each item
// must be accounted for, acknowledge it in the sink.
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
// What is called clock, counted, meters or waitsAt serves [Observe] alone: pass over it
// until the last line.
//
//	stream.go, errors.go    what a stream and a failure are; options.go and names.go
//	sinks.go, run.go        what runs a stream, and how a run ends; internal/capture
//	segment.go              a goroutine of a run
//	source.go               guard.go, guard_race.go, guard_norace.go: what other people's code may do wrong
//	filter.go, take.go      flatten.go, throttle.go: fused stages
//	gate.go, queue.go       how goroutines wait, and what joins two; capacity.go, place.go
//	window.go, feed.go      what a stage with workers holds, how they claim; crew.go: the workers
//	turns.go                how results find back into order
//	map.go                  fused, and with workers: all of the above at work
//	flatmap.go, mapbykey.go with internal/lanes
//	batch.go, merge.go      tee.go: what needs one goroutine more
//	retry.go, timeout.go    deadletter.go
//	report.go               clock.go, mermaid.go
package pipeline
