// Package lazyctx makes contexts for callbacks that may never look at theirs.
package lazyctx

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Context is a child of Parent that whoever made it ends with End.
//
// The child that context.WithCancelCause makes costs three allocations and two
// visits to the parent's lock, which all children of one parent share. So that
// child is made when somebody first asks for what only it can tell. Embedded in
// what its callback needs anyway, a Context costs no allocation of its own.
type Context struct {
	Parent context.Context

	mu     sync.Mutex
	made   atomic.Bool // child and cancel are there, for good
	child  context.Context
	cancel context.CancelCauseFunc
	cause  error // why it ended; nil until then
}

func (c *Context) get() context.Context {
	if c.made.Load() {
		return c.child
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.made.Load() {
		c.child, c.cancel = context.WithCancelCause(c.Parent)
		if c.cause != nil {
			c.cancel(c.cause)
		}
		c.made.Store(true)
	}
	return c.child
}

// End cancels the context, whether or not its child was made yet. Only the first
// cause counts.
func (c *Context) End(cause error) {
	c.mu.Lock()
	if c.cause == nil {
		c.cause = cause
	}
	cancel, first := c.cancel, c.cause
	c.mu.Unlock()
	if cancel != nil {
		cancel(first)
	}
}

func (c *Context) Deadline() (time.Time, bool) { return c.Parent.Deadline() }
func (c *Context) Done() <-chan struct{}       { return c.get().Done() }
func (c *Context) Err() error                  { return c.get().Err() }

// Value asks the child, which knows the cause and lets contexts that derive
// from this one attach to it without a goroutine.
func (c *Context) Value(key any) any { return c.get().Value(key) }
