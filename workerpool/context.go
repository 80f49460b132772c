package workerpool

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// insideKey finds, by ctx.Value, the innermost task of a pool that a context
// derives from and that still runs. A pool asks only where it would have to wait.
type insideKey struct{ pool *Pool }

// workerContext is the context of every task that was submitted with
// context.Background(): made once per worker, so that such a task costs no
// allocation. It ends with the pool, and not with the worker: a task that was
// submitted by another, in its context, is not to depend on how long that one's
// worker stays.
type workerContext struct {
	context.Context
	pool *Pool
	slot slot
}

// String keeps package fmt from reading the fields, which may be changing.
func (c *workerContext) String() string { return "the context of a workerpool worker" }

func (c *workerContext) Value(key any) any {
	if key == (insideKey{c.pool}) && !c.slot.closed.Load() {
		return &c.slot
	}
	return c.Context.Value(key)
}

// taskContext is the context of any other task: a child of its submitter's
// that is cancelled when the task returns or the pool is closed.
//
// The child that context.WithCancelCause makes costs three allocations and two
// visits to the parent's lock, which all tasks of one submitter share. Many
// tasks never look at their context, so the child is made when one first does.
type taskContext struct {
	parent context.Context
	pool   *Pool
	slot   slot

	mu     sync.Mutex
	made   atomic.Bool // child and cancel are there, for good
	child  context.Context
	cancel context.CancelCauseFunc
	cause  error // why it ended; nil while the task runs
}

// newTaskContext returns the context of a task that is about to run.
func newTaskContext(p *Pool, t task) *taskContext {
	if t, ok := t.(*withContext); ok {
		return &t.taskContext
	}
	parent := t.context()
	if parent == nil {
		parent = p.base // in a lent slot
	}
	return &taskContext{parent: parent, pool: p}
}

func (c *taskContext) get() context.Context {
	if c.made.Load() {
		return c.child
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.made.Load() {
		c.child, c.cancel = context.WithCancelCause(c.parent)
		if c.cause != nil {
			c.cancel(c.cause)
		}
		c.made.Store(true)
	}
	return c.child
}

// end cancels the context, whether or not its child was made yet.
func (c *taskContext) end(cause error) {
	c.mu.Lock()
	if c.cause == nil {
		c.cause = cause
	}
	cancel := c.cancel
	c.mu.Unlock()
	if cancel != nil {
		cancel(cause)
	}
}

func (c *taskContext) Deadline() (time.Time, bool) { return c.parent.Deadline() }
func (c *taskContext) Done() <-chan struct{}       { return c.get().Done() }
func (c *taskContext) Err() error                  { return c.get().Err() }

// String keeps package fmt from reading the fields, which may be changing.
func (c *taskContext) String() string { return "the context of a workerpool task" }

// Value asks the child, which knows the cause and lets contexts that derive
// from this one attach to it without a goroutine.
func (c *taskContext) Value(key any) any {
	if inside, ok := key.(insideKey); ok {
		if inside.pool == c.pool && !c.slot.closed.Load() {
			return &c.slot
		}
		return c.parent.Value(key)
	}
	return c.get().Value(key)
}
