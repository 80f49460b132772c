package fanout

import (
	"context"
	"sync"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/capture"
	"github.com/braidgo/braid/internal/keys"
	"github.com/braidgo/braid/internal/lazyctx"
)

// Flight lets callers who ask for the same key at the same time share one call. The
// zero Flight is ready for use. It must not be copied.
//
//	Goroutines: one per call, if its first caller's context can end, and no longer than the call. None after Close.
//	Blocks:     Do until the call has ended, or its ctx is done and others wait still. Safe for concurrent use.
//	Ends:       a call when it returns; it is cancelled when the last caller leaves, and by Close.
//	Panics:     a panic in the call is raised again in every caller, as a *braid.PanicError.
//	Memory:     per call an entry and its value, while somebody waits for it; nothing for a key without a call.
//
// A Flight is not a cache: what a call has returned is forgotten with it. It is for
// what many want at once, such as a page whose cache entry has just expired. It need
// not be closed for nothing to be left behind, since somebody waits for every call;
// Close is for ending them.
//
// singleflight.Group, in golang.org/x/sync, is the model. There, though, a call has
// the context of whoever came first, so that his leaving fails all others; a
// panic in DoChan ends the program; and a call that asks for its own key waits for
// ever.
type Flight[K comparable, V any] struct {
	mu      sync.Mutex // never held while a call runs
	calls   map[K]*flightCall[K, V]
	running *flightCall[K, V] // the list of all that have not ended, forgotten ones too
	closed  bool
	ended   chan struct{} // made by Close, closed when running is empty
}

// Do returns what call returns, or what the call returns that is already running
// for the same key; shared says that others get the same value. The error of call is
// returned as it is.
//
// Each caller obeys its own ctx: when that is done, Do returns with its cause, and the
// call goes on for the others. Only the last one, beside whom nobody waits, cancels
// the call and waits for its end. So a call that ignores its context holds its last
// caller beyond the deadline; if it succeeds all the same, he gets the value. A Do
// that comes meanwhile starts a new call, as after Forget. Two calls for one key may
// then run at once: a Flight is no lock. The context of call has the values of the
// first caller's, no deadline, and ends with the call.
//
// If ctx cannot be done, as context.Background cannot, call runs on the caller's own
// goroutine, and runtime.Goexit in call ends that. Do fails with
// [ErrNested] if ctx is from within the call for the same key, with [ErrClosed]
// after Close, and with braid.ErrKey if the key is not equal to itself. Two calls that
// each ask for the other's key wait for each other, until a ctx ends.
//
// Contract: that of Flight.
func (f *Flight[K, V]) Do(ctx context.Context, key K, call func(context.Context) (V, error)) (v V, shared bool, err error) {
	argument.Context("fanout.Flight.Do", ctx)
	argument.NotNil("fanout.Flight.Do", "call", call == nil)
	if ctx.Err() != nil {
		return v, false, context.Cause(ctx)
	}
	if !keys.Usable(key) {
		return v, false, braid.ErrKey
	}
	c, first, err := f.join(ctx, key)
	if err != nil {
		return v, false, err
	}
	if first && ctx.Done() == nil {
		c.run(call) // this caller never leaves
		return c.result()
	}
	if first {
		go c.run(call) // whoever is the last to wait for it waits for its end
	}
	return c.await(ctx, first)
}

// Forget makes the next Do for key start a new call, even if one is running. That
// one goes on for those who wait for it.
func (f *Flight[K, V]) Forget(key K) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if keys.Usable(key) {
		delete(f.calls, key)
	}
}

// Close cancels all calls, with [ErrClosed] as the cause, and waits until they have
// ended. Called from within a call, it would wait for itself. Closing again waits,
// too.
//
// Contract: that of Flight.
func (f *Flight[K, V]) Close() error {
	f.mu.Lock()
	f.closed = true
	var running []*flightCall[K, V]
	for c := f.running; c != nil; c = c.next {
		running = append(running, c)
	}
	if running != nil && f.ended == nil {
		f.ended = make(chan struct{})
	}
	ended := f.ended
	f.mu.Unlock()
	for _, c := range running {
		c.End(ErrClosed)
	}
	if ended != nil {
		<-ended // the last call closes it
	}
	return nil
}

// flightCall is a call, and the context that it is given.
type flightCall[K comparable, V any] struct {
	lazyctx.Context
	flight *Flight[K, V]
	key    K
	// Written by the call's goroutine before the call is over, and read by callers after
	// that. So they need no lock.
	value    V
	err      error
	panicked *braid.PanicError
	shared   bool // more than one caller gets the value

	// flight.mu guards these.
	callers    int               // who wait for it
	enclosing  *flightCall[K, V] // the call of the same flight that the first caller is within and waits in
	over       bool
	done       chan struct{} // closed at the end; made for the first who needs it
	prev, next *flightCall[K, V]
}

// String keeps package fmt from reading the fields, which may be changing.
func (c *flightCall[K, V]) String() string { return "the context of a fanout.Flight's call" }

// Value tells a Do that is called within.
func (c *flightCall[K, V]) Value(key any) any {
	if key == any(c.flight) {
		return c
	}
	return c.Context.Value(key)
}

// join returns the call for key, one more caller counted, and whether this one is
// to run it.
func (f *Flight[K, V]) join(ctx context.Context, key K) (c *flightCall[K, V], first bool, err error) {
	enclosing, _ := ctx.Value(f).(*flightCall[K, V])
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, false, ErrClosed
	}
	if c := f.calls[key]; c != nil {
		for outer := enclosing; outer != nil; outer = outer.enclosing {
			if outer == c {
				return nil, false, ErrNested
			}
		}
		c.callers++
		if c.done == nil {
			c.done = make(chan struct{})
		}
		return c, false, nil
	}
	c = &flightCall[K, V]{flight: f, key: key, enclosing: enclosing, callers: 1, next: f.running}
	c.Parent = ctx
	if ctx.Done() != nil {
		c.Parent = context.WithoutCancel(ctx)
		c.done = make(chan struct{})
	}
	if f.calls == nil {
		f.calls = make(map[K]*flightCall[K, V])
	}
	f.calls[key] = c
	if f.running = c; c.next != nil {
		c.next.prev = c
	}
	return c, true, nil
}

// run makes the call.
func (c *flightCall[K, V]) run(call func(context.Context) (V, error)) {
	capture.Run(func() { c.value, c.err = call(c) }, func(end error) {
		c.End(context.Canceled)
		if panicked, ok := end.(*braid.PanicError); ok {
			c.panicked = panicked
		} else if end != nil {
			c.err = end
		}
		c.finish()
	})
}

// finish lets everybody know that the call is over.
func (c *flightCall[K, V]) finish() {
	f := c.flight
	f.mu.Lock()
	defer f.mu.Unlock()
	c.over = true
	c.shared = c.callers > 1
	f.forget(c)
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		f.running = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	}
	c.prev, c.next, c.enclosing = nil, nil, nil // whoever keeps the context keeps no other calls
	if c.done != nil {
		close(c.done)
	}
	if f.ended != nil && f.running == nil {
		close(f.ended) // nothing can start after Close, so this happens once
	}
}

// forget makes sure that nobody joins c any more.
func (f *Flight[K, V]) forget(c *flightCall[K, V]) {
	if f.calls[c.key] == c {
		delete(f.calls, c.key)
	}
}

// await waits for the call as long as ctx allows.
func (c *flightCall[K, V]) await(ctx context.Context, first bool) (v V, shared bool, err error) {
	select {
	case <-c.done:
		return c.result()
	case <-ctx.Done():
	}
	cause := context.Cause(ctx)
	over, last := c.leave(first)
	if !over && !last {
		return v, false, cause
	}
	if last {
		c.End(cause)
	}
	<-c.done
	if last && c.err != nil {
		return v, false, cause // that is why it has failed
	}
	return c.result()
}

// leave takes a caller away, unless the call is over. The last one has to cancel it.
func (c *flightCall[K, V]) leave(first bool) (over, last bool) {
	f := c.flight
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.over {
		return true, false
	}
	if first {
		c.enclosing = nil // which does not wait for it any more
	}
	if c.callers--; c.callers > 0 {
		return false, false
	}
	f.forget(c)
	return false, true
}

// result is what the call has come to. It is over.
func (c *flightCall[K, V]) result() (v V, shared bool, err error) {
	if c.panicked != nil {
		capture.Raise(c.panicked)
	}
	return c.value, c.shared, c.err
}
