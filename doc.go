// Package braid is the root of a module of goroutine and channel patterns: the
// parts of concurrent programs that are easy to write and hard to get right. They
// are there to be imported and to be read.
//
// The patterns are in the packages below this one:
//
//   - [github.com/braidgo/braid/workerpool], a bounded set of goroutines that run tasks
//   - [github.com/braidgo/braid/fanout], one piece of work spread over many goroutines, and gathered again
//   - [github.com/braidgo/braid/pipeline], stages joined into a stream
//   - [github.com/braidgo/braid/ratelimit], how often, and how many at once
//
// This package itself holds what they share: [PanicError], [ErrGoexit] and [ErrKey].
//
// # Words
//
// The documentation uses these words in one sense only.
//
//   - A callback is a function that you pass to braid. A task is a callback of a pool.
//   - A worker is a goroutine that runs one callback after another.
//   - The owner of a goroutine is the call or the object that started it and waits for its end.
//   - An item is one piece of the input, and is in flight from when braid takes it until its callback has returned.
//   - A context is done when its Done channel is closed. Its cause is what [context.Cause] says.
//   - To block is to wait for another goroutine or for time to pass. Taking a mutex
//     that everybody holds only briefly does not count.
//   - Backpressure: whoever produces more than a bound allows has to wait.
//
// # The contract
//
// Everything that starts goroutines or can block answers five questions in its
// doc comment, always in this order:
//
//	Goroutines: how many it starts, and how many are left when it returns.
//	Blocks:     what it waits for, and whether it is safe for concurrent use.
//	Ends:       what ends it: the input, a failure, the context, a call to Close.
//	Panics:     what becomes of a panic in a callback, and which misuse panics.
//	Memory:     what bounds the memory it holds, whatever the length of the input.
//
// A method whose answers are those of its type says "Contract: that of" and the
// type's name. A test of this package reads the comments and fails where an
// answer is missing.
//
// Behind the answers stand rules that hold everywhere.
//
//   - No goroutine outlives its owner. A call that starts goroutines returns
//     when they have ended; an object that owns goroutines has a Close that
//     waits for them. Only a Shutdown whose deadline has passed returns earlier,
//     and its error says so.
//   - The context comes first and wins. A context that is done starts nothing,
//     and what ended the work is its cause. A callback that may block receives
//     the context that it must obey. A result that is ready is handed over even
//     if the context is done.
//   - An error comes back once, from the call that waits. After the first one no
//     further item starts, beyond those that other workers are starting just then,
//     unless the caller has asked to keep going. (fanout.All starts all of its
//     functions in any case. In a pipeline, what is before the item that has failed
//     is done to its end.)
//   - A panic is never lost. It is raised again in the caller, as a [*PanicError],
//     after the callbacks beside it were cancelled and have ended. Where a result
//     is waited for later, it is that result's error. If nobody waits, it ends the
//     program as any panic does, unless a hook takes it. Only net/http's
//     ErrAbortHandler is raised as it is, since the server compares the value. A
//     callback that calls
//     [runtime.Goexit] on a goroutine of braid's is the error [ErrGoexit].
//   - Every queue has a bound: the caller chooses it, or it is small and the doc comment names it.
//   - A wrong argument panics at the call, with a message that names the function,
//     the argument and its value. Failures of input, time and peers are errors instead.
//   - What is not used costs nothing: names, trace regions, hooks.
package braid
