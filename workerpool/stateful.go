package workerpool

import (
	"context"
	"sync/atomic"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/capture"
)

// Stateful is a pool in which each worker owns a value of type S, such as a
// compressor, a parser or a connection, that is costly to make and must not be
// used by two tasks at once. A worker opens its S when it starts and closes it
// when it leaves. After a task that panicked or called runtime.Goexit, S is closed
// and a new one opened. All methods are safe for concurrent use.
//
//	Goroutines: at most workers; none before the first task, none after Close.
//	Blocks:     Do until its task has ended, Close and Shutdown until all have.
//	Ends:       with Close or Shutdown. A pool abandoned without either leaks its idle workers.
//	Panics:     a panic in Do's task is raised again by Do, as a *braid.PanicError.
//	Memory:     the queue, and a stack and an S per worker.
//
// For state that is cheap to make, or safe to share, use a [Pool]; for scratch
// memory use a sync.Pool. There is no future: to have a result later, call Do in
// a goroutine, and bound how many of those there are.
type Stateful[S any] struct{ pool *Pool }

// NewStateful makes a pool of at most workers goroutines, and starts none of
// them. open is given a context that ends when the pool is closed; close may be
// nil. A worker whose open fails takes no task, and another task will have it
// tried again; when there is no worker left, the tasks that wait get its error,
// and those from inside get it at once.
// Errors of close are returned by Shutdown and Close, joined.
//
//	Goroutines: none.
//	Blocks:     never.
//	Ends:       at once. The pool must be ended with Close or Shutdown.
//	Panics:     if workers < 1, or open or an option is nil.
//	Memory:     none to speak of.
func NewStateful[S any](workers int, open func(context.Context) (S, error), close func(S) error, opts ...Option) *Stateful[S] {
	argument.NotNil("workerpool.NewStateful", "open", open == nil)
	p := newPool("NewStateful", workers, opts)
	p.queue = newQueue(0) // all tasks pass through states.promised instead
	p.openState = func(ctx context.Context) (any, error) {
		state, err := open(ctx)
		return &state, err
	}
	p.shutState = func(state any) error {
		if close == nil {
			return nil
		}
		return close(*state.(*S))
	}
	return &Stateful[S]{p}
}

// Do runs task on a worker, with that worker's S, and returns its error when it
// has ended. A panic of task is raised again here; if task called
// runtime.Goexit, the error is braid.ErrGoexit. If ctx is done before task has
// begun, task never runs; a task that runs is waited for.
//
// Inside a task of the same pool, Do returns [ErrFull] rather than wait for a
// worker: all of them might wait for each other.
//
// Contract: that of Stateful.
func (p *Stateful[S]) Do(ctx context.Context, task func(context.Context, S) error) error {
	checkTask("Stateful.Do", ctx, task == nil)
	call := &statefulCall[S]{ctx: known(ctx), task: task, done: make(chan struct{})}
	if err := p.pool.submit(ctx, call); err != nil {
		return err
	}
	p.pool.await(background, call, call.done)
	if panicked, ok := call.err.(*braid.PanicError); ok && !call.returned {
		capture.Raise(panicked)
	}
	return call.err
}

// statefulCall is the task of Do.
type statefulCall[S any] struct {
	ctx      context.Context
	task     func(context.Context, S) error
	claimed  atomic.Bool
	done     chan struct{}
	returned bool
	err      error
}

func (c *statefulCall[S]) context() context.Context { return c.ctx }

func (c *statefulCall[S]) claim() bool { return c.claimed.CompareAndSwap(false, true) }

func (c *statefulCall[S]) run(ctx context.Context, w *worker) error {
	err := c.task(ctx, stateOf[S](w))
	c.returned = true
	return err
}

func (c *statefulCall[S]) settle(err error, _ bool) {
	c.err = err
	close(c.done)
}

func stateOf[S any](w *worker) S { return *w.state.(*S) }

// StatefulGroup is a [Group] whose tasks are given their worker's S.
//
//	Goroutines: none of its own; the tasks run on the workers of the pool.
//	Blocks:     Go until the pool has room, Wait until all tasks have ended. Safe for concurrent use.
//	Ends:       when the tasks have ended; a failure or the end of the group's context ends them sooner.
//	Panics:     if an argument is nil; a panic in a task is the error of Wait.
//	Memory:     about four allocations per task, until it has ended.
type StatefulGroup[S any] struct{ group *Group }

// Group returns a new group whose tasks' contexts are children of ctx.
//
// Contract: that of Stateful.
func (p *Stateful[S]) Group(ctx context.Context) *StatefulGroup[S] {
	argument.Context("workerpool.Stateful.Group", ctx)
	return &StatefulGroup[S]{p.pool.Group(ctx)}
}

// Go adds task to the group, as [Group.Go] does. Inside a task of the same pool,
// if no worker is free to begin it, it fails with [ErrFull].
//
// Contract: that of StatefulGroup.
func (g *StatefulGroup[S]) Go(task func(context.Context, S) error) {
	argument.NotNil("workerpool.StatefulGroup.Go", "task", task == nil)
	g.group.add(statefulMember(g, task))
}

// TryGo adds task to the group if there is room for it, as [Group.TryGo] does.
//
// Contract: that of StatefulGroup.
func (g *StatefulGroup[S]) TryGo(task func(context.Context, S) error) bool {
	argument.NotNil("workerpool.StatefulGroup.TryGo", "task", task == nil)
	return g.group.tryAdd(statefulMember(g, task))
}

func statefulMember[S any](g *StatefulGroup[S], task func(context.Context, S) error) *member {
	return &member{group: g.group, onState: func(ctx context.Context, w *worker) error {
		return task(ctx, stateOf[S](w))
	}}
}

// KeepGoing makes the group run all its tasks, as [Group.KeepGoing] does.
func (g *StatefulGroup[S]) KeepGoing() { g.group.KeepGoing() }

// Wait returns when all tasks of the group have ended, as [Group.Wait] does.
//
// Contract: that of StatefulGroup.
func (g *StatefulGroup[S]) Wait() error { return g.group.Wait() }

// Resize changes how many workers there may be, as [Pool.Resize] does.
//
// Contract: that of Stateful.
func (p *Stateful[S]) Resize(workers int) {
	argument.AtLeast("workerpool.Stateful.Resize", "workers", workers, 1)
	p.pool.Resize(workers)
}

// Stats returns a snapshot, as [Pool.Stats] does.
//
// Contract: that of Stateful.
func (p *Stateful[S]) Stats() Stats { return p.pool.Stats() }

// Shutdown closes the pool gracefully, as [Pool.Shutdown] does, and returns the
// errors of close as well.
//
// Contract: that of Stateful.
func (p *Stateful[S]) Shutdown(ctx context.Context) error {
	argument.Context("workerpool.Stateful.Shutdown", ctx)
	return p.pool.Shutdown(ctx)
}

// Close closes the pool at once, as [Pool.Close] does, and returns the errors of
// close.
//
// Contract: that of Stateful.
func (p *Stateful[S]) Close() error { return p.pool.Close() }
