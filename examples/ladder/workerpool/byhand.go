package workerpool

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// ByHand is as right as forty lines of channels and WaitGroup can be. It has no workers
// that wait for jobs: it has slots, and a goroutine for each task that has one. That costs
// a goroutine a task; in return, a task that ends its goroutine takes no worker with it.
//
// What it cannot survive: a task that runs more tasks on its own pool, for it keeps its slot
// while it waits for theirs (a deadlock, once all slots are held so); and to be closed, for
// that takes another channel, a case in the select, and more lines than forty.
type ByHand struct{ slots chan struct{} }

// NewByHand makes a slot for each worker: a send takes one, a receive gives it back.
// All callers of Run share them, so the bound is the pool's and not the call's.
func NewByHand(workers int) Pool {
	return ByHand{make(chan struct{}, workers)}
}

func (p ByHand) Run(ctx context.Context, tasks []Task) error {
	// The first call of cancel sets the cause for good: it is the first error, and it
	// reaches every running task as a dead context. No lock, no sync.Once.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	// The slot is taken out here and not in the goroutine, so that there are never more
	// goroutines than slots. ctx ends the wait for one: the loop then runs out.
	var batch sync.WaitGroup
	for _, task := range tasks {
		select {
		case p.slots <- struct{}{}:
			batch.Go(func() {
				defer func() { <-p.slots }() // never waits: the slot is ours
				attempt(ctx, task, cancel)
			})
		case <-ctx.Done():
		}
	}

	// Wait before looking at the cause: no task outlives the call, and the last may fail.
	batch.Wait()
	return context.Cause(ctx)
}

// Close has no goroutine to end; it stops nobody who is in Run.
func (ByHand) Close() {}

var errGoexit = errors.New("the task called runtime.Goexit")

// attempt runs one task and reports however it ended.
func attempt(ctx context.Context, task Task, fail func(error)) {
	// err stays as it is when the task neither returns nor panics. That leaves
	// runtime.Goexit, which runs deferred functions and nothing else.
	err := errGoexit
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the task panicked: %v\n\n%s", v, debug.Stack())
		}
		if err != nil {
			fail(err)
		}
	}()

	// With a free slot and a dead context, select picks either: look again. The task is then
	// not started, and fail comes too late to change why the context died.
	if ctx.Err() == nil {
		err = task(ctx)
	}
}
