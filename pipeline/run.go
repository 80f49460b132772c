package pipeline

import (
	"cmp"
	"context"
	"sync"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/capture"
)

// run is one run of a stream. The call of a sink makes it, and returns when it is
// over.
//
// Its goroutines are segments, each with the fused stages that it runs, and the
// workers of stages that have some. Items pass from segment to segment through a queue,
// or through the window of a stage with workers. An error passes in the same way, behind
// the items that were before it; so does a panic, made into an error. Only what cannot
// wait for its turn aborts the run: the end of the caller's context, an error of the sink,
// and one of a stage without order.
//
//	     own goroutine            workers          the caller's goroutine
//	┌─────────────────────┐    ┌──────────┐    ┌──────────────────────────┐
//	│ From ─▶ Map ─▶ ...  │───▶│ Map, Map │───▶│ Filter ─▶ Batch ─▶ sink  │
//	└─────────────────────┘    └──────────┘    └──────────────────────────┘
//	     a segment             in a window           the root segment
type run struct {
	caller     context.Context
	watch      bool // caller can end
	root       segment
	goroutines sync.WaitGroup

	mu       sync.Mutex
	meters   []*meter // of the stages that are observed
	failure  error    // what has ended the run before its end; the first counts
	aborted  bool     // failure did not come in its turn
	aborting sync.Once
	panicked *braid.PanicError
	apart    bool // there was a panic in a stream that has no order with the one that has failed
}

// sink is the end of a stream, on the caller's goroutine.
type sink struct {
	*segment
	enough  bool  // it has said no
	failure error // why, if it has failed
	foreign bool  // the caller's own code runs, as the body of a loop over All: its panic is none of ours
}

// stop is what a sink returns to yield when it wants no more.
func (k *sink) stop(failure error) (more bool) {
	k.enough, k.failure = true, failure
	return false
}

// execute runs a stream for a sink, on the caller's goroutine. begin makes the
// function that takes the items.
func execute[T any](caller context.Context, s Stream[T], begin func(*sink) func(T) bool) (result error) {
	if caller.Err() != nil {
		return context.Cause(caller)
	}
	r := &run{caller: caller, watch: caller.Done() != nil}
	r.root.open(r, caller)
	k := &sink{segment: &r.root}
	unwatch := r.watchCaller()
	returned := false
	defer func() {
		switch {
		case returned && k.enough:
			result = k.failure
		case returned && result == nil:
			result = r.abortedBy() // a stage that was told so ends as if it had come to its end
		case returned:
		case k.foreign:
			r.end(nil, unwatch)
			return // what goes on is the caller's own panic, or its runtime.Goexit
		default:
			result = r.captured(capture.Error(recover()))
		}
		result = r.finish(result, unwatch)
	}()
	result = s.detach().run(place{segment: &r.root}, begin(k))
	returned = true
	return result
}

// watchCaller has the run aborted when the caller's context ends. The function that
// it returns ends the watching.
func (r *run) watchCaller() (unwatch func()) {
	if !r.watch {
		return func() {}
	}
	aborted := make(chan struct{})
	stop := context.AfterFunc(r.caller, func() {
		defer close(aborted)
		r.abort(context.Cause(r.caller))
	})
	return func() {
		if !stop() {
			<-aborted // by a goroutine that is ours, too
		}
	}
}

// abort ends the run at once, wherever its items are. It returns when everybody has been
// told, also to the second who calls it: what looks like the end of a stream after that
// is known to be none.
func (r *run) abort(failure error) {
	r.mu.Lock()
	if r.failure == nil {
		r.failure, r.aborted = failure, true
	}
	failure = r.failure
	r.mu.Unlock()
	r.aborting.Do(func() { r.root.end(failure) })
}

// abortedBy is what has aborted the run, if something has.
func (r *run) abortedBy() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.aborted {
		return r.failure
	}
	return nil
}

// raised is a panic on its way to the sink, which raises it. A *braid.PanicError that a
// callback has returned, or that is the cause of a context, is an error like any other.
type raised struct{ *braid.PanicError }

// asError is a failure as those see it who are not to raise it.
func asError(failure error) error {
	if panicked, ok := failure.(raised); ok {
		return panicked.PanicError
	}
	return failure
}

// captured makes a failure of what capture has found. It keeps a panic in mind, for that
// might never get to the sink in its turn.
func (r *run) captured(err error) error {
	panicked, ok := err.(*braid.PanicError)
	if !ok {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.panicked == nil {
		r.panicked = panicked
	}
	return raised{panicked}
}

// panickedApart says that a panic is behind no item.
func (r *run) panickedApart() {
	r.mu.Lock()
	r.apart = true
	r.mu.Unlock()
}

// finish ends the run and returns, or raises, what it has come to.
func (r *run) finish(result error, unwatch func()) error {
	result, inTurn := r.end(result, unwatch)
	if panicked, ok := result.(raised); ok {
		capture.Raise(panicked.PanicError)
	}
	// What came in its turn came first. A panic of an item behind it would not have
	// happened in a loop.
	if r.panicked != nil && (!inTurn || r.apart) {
		capture.Raise(r.panicked)
	}
	return result
}

// end ends what is left of the run and waits for it. result is what has come to the
// sink: nil, if that was all, or enough for it. What ends the run is that, unless
// something has aborted it before.
func (r *run) end(result error, unwatch func()) (failure error, inTurn bool) {
	if result != nil {
		r.mu.Lock()
		if r.failure == nil {
			r.failure = result
		}
		result, inTurn = r.failure, !r.aborted
		r.mu.Unlock()
	}
	r.root.end(cmp.Or(result, errDone))
	unwatch()
	r.goroutines.Wait()
	r.root.clock.run(-1)
	for _, m := range r.meters {
		m.retire(r)
	}
	return result, inTurn
}

// over reports whether the caller's context has ended, which the segments' contexts
// may learn a moment later.
func (r *run) over() bool {
	if r.caller.Err() == nil {
		return false
	}
	r.abort(context.Cause(r.caller))
	return true
}
