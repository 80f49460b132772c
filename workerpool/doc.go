// Package workerpool runs tasks on a bounded set of goroutines.
//
// # The problem
//
// A goroutine is cheap, and a million of them are not: each has a stack, and
// each holds what its task holds, such as an open file, a connection, a buffer.
// Where tasks arrive faster than they end, "go f()" has no limit, and memory is
// the first to find out. A worker pool has two limits: how many tasks run at
// once, and how many wait. Whoever brings one more has to wait as well, and so
// the pressure reaches the place where the work comes from.
//
//	Submit ──┐                              ┌── worker: run, next, run, next ...
//	Submit ──┼──▶ queue, at most n tasks ──▶├── worker
//	Submit ──┘                              └── worker
//	   ▲                                            at most w of them
//	   └── waits here when the queue is full
//
// # The plain version
//
// These lines are a worker pool, and often enough:
//
//	tasks := make(chan func())
//	var workers sync.WaitGroup
//	for range 8 {
//		workers.Go(func() {
//			for task := range tasks {
//				task()
//			}
//		})
//	}
//	// tasks <- f, as often as you like; at the end:
//	close(tasks)
//	workers.Wait()
//
// What they do not do: give up waiting when a context is done, survive a task that
// panics or calls runtime.Goexit, return errors, refuse work after the end
// instead of panicking, or let a task give work to its own pool without the
// danger that all workers wait for each other. The ladder in
// examples/ladder/workerpool shows, rung by rung, what each of these costs.
//
// # This package
//
//	[Pool]      [New], Submit and TrySubmit: tasks nobody waits for one by one
//	[Future]    [Go]: one task whose result is waited for
//	[Group]     Pool.Group: tasks that succeed or fail together
//	[Stateful]  [NewStateful]: each worker owns a compressor, a connection, ...
//
// The words: a task is accepted when the pool has taken it in; then it waits in
// the queue; it begins when a worker takes it; and it ends, completed or failed.
// If it never begins it is cancelled (its submitter's context was done) or
// dropped (the pool was closed). What was not accepted is rejected. [Stats] counts all
// of these.
//
// "Inside" means in a task of this pool that is still running: with a context
// that derives from its context. A running task occupies a slot, of which there
// are as many as workers, and inside, a task that waits for another of its pool
// lends its slot to that one. So the waiting cannot become a deadlock (nesting.go
// has the details). It can, if a task waits with a context that is not its own,
// adds to a group it did not make, holds a lock which the other needs, or closes
// its own pool. A [Stateful] lends nothing: inside, it returns [ErrFull] instead
// of waiting.
//
// # When not to use it
//
// For a slice or a sequence use fanout.Map or fanout.ForEach; a pool is for tasks
// that come one by one over the life of a program. For a few tasks use go
// statements and a sync.WaitGroup. To limit how often something happens, rather
// than how many at once, use ratelimit. Tasks that only compute gain
// nothing from more workers than runtime.GOMAXPROCS.
//
// # Read these files in this order
//
//	pool.go      the whole path of a task, in and through
//	queue.go     the queue: a ring of cells, without a lock
//	waiting.go   what happens when the queue is full
//	shutdown.go  how it ends
//	context.go   what a task gets for a context
//	nesting.go   tasks that wait for tasks of their own pool
//	future.go, group.go, stateful.go and states.go, resize.go, stats.go, options.go
//
// How a task ended, by returning, by a panic or by runtime.Goexit, is found out in
// internal/capture, which is short.
package workerpool
