package workerpool

import (
	"context"

	"github.com/braidgo/braid/internal/lazyctx"
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
// that is cancelled when the task returns or the pool is closed. Many tasks never
// look at theirs, hence the lazy child.
type taskContext struct {
	lazyctx.Context
	pool *Pool
	slot slot
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
	return &taskContext{Context: lazyctx.Context{Parent: parent}, pool: p}
}

// String keeps package fmt from reading the fields, which may be changing.
func (c *taskContext) String() string { return "the context of a workerpool task" }

func (c *taskContext) Value(key any) any {
	if inside, ok := key.(insideKey); ok {
		if inside.pool == c.pool && !c.slot.closed.Load() {
			return &c.slot
		}
		return c.Parent.Value(key)
	}
	return c.Context.Value(key)
}
