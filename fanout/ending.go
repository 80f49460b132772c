package fanout

import (
	"context"
	"sync"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/capture"
)

// ending is how a call ends, and the context of the callbacks, which ends then.
// What comes first, a failure or the end of the caller's context, is the cause of
// that context's end, and the error of the call.
type ending struct {
	caller context.Context
	ctx    context.Context // a child
	cancel context.CancelCauseFunc

	mu         sync.Mutex
	incomplete bool // an input failed, or was not started
	panicked   *braid.PanicError
}

func (e *ending) begin(caller context.Context) {
	e.caller = caller
	e.ctx, e.cancel = context.WithCancelCause(caller)
}

// over reports whether nothing more is to be started. It asks the caller's context
// as well, since a child may be cancelled a moment later.
func (e *ending) over() bool { return e.ctx.Err() != nil || e.caller.Err() != nil }

// fail ends the context, with failure as its cause. A failure that is a
// *braid.PanicError was a panic; an error of a callback comes in an IndexError.
func (e *ending) fail(failure error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.incomplete = true
	if panicked, ok := failure.(*braid.PanicError); ok && e.panicked == nil {
		e.panicked = panicked
	}
	if e.caller.Err() != nil { // which a child of a foreign context may not know yet
		e.cancel(context.Cause(e.caller))
	}
	e.cancel(failure)
}

// endOf is what capture.Run calls when a worker's callbacks have ended: err is
// nil, or the item at index has ended its worker.
func (e *ending) endOf(index int, err error) {
	if err == braid.ErrGoexit {
		err = &IndexError{index, err}
	}
	if err != nil {
		e.fail(err)
	}
}

// cutShort says that it was over before all inputs were started.
func (e *ending) cutShort() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.incomplete = true
	e.cancel(context.Cause(e.caller)) // changes nothing where there was a cause before
}

// result is the error of the call, or raises its panic. All callbacks have ended.
func (e *ending) result() error {
	cause := context.Cause(e.ctx)
	e.cancel(context.Canceled) // for those who kept the context
	if e.panicked != nil {
		capture.Raise(e.panicked)
	}
	if e.incomplete {
		return cause
	}
	return nil // also if the context has ended: the work is done
}
