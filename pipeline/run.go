package pipeline

import (
	"cmp"
	"context"
	"runtime/pprof"
	"sync"
	"sync/atomic"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/capture"
)

// run is one run of a stream. The call of a sink makes it, and returns when it is
// over.
//
// Its goroutines are segments, each with the fused stages that it runs, and the
// workers of stages that have some. Items pass from segment to segment through
// queues and rings. An error passes in the same way, behind the items that were
// before it; so does a panic, made into an error. Only what cannot wait for its turn
// aborts the run: the end of the caller's context, an error of the sink, and one of a
// stage without order.
//
//	     own goroutine            workers            the caller's goroutine
//	┌─────────────────────┐    ┌───────────┐    ┌──────────────────────────┐
//	│ From ─▶ Map ─▶ ...  │───▶│ Map, Map  │───▶│ Filter ─▶ Batch ─▶ sink  │
//	└─────────────────────┘    └───────────┘    └──────────────────────────┘
//	 upstream segment       ring                 root segment
type run struct {
	caller     context.Context
	watch      bool // caller can end
	root       segment
	goroutines sync.WaitGroup

	mu       sync.Mutex
	meters   []*meter // of the stages that are observed
	failure  error    // what has ended the run before its end; the first counts
	aborted  bool     // failure did not come in its turn
	panicked *braid.PanicError
}

// segment is one goroutine of a run. The stages that are fused on it share a context,
// which ends when nobody wants their items any more, or the run is over.
type segment struct {
	run     *run
	ctx     context.Context
	cancel  context.CancelCauseFunc
	watch   bool // the caller's context can end
	labels  bool // a goroutine from which those of s are started has the labels of a stage
	spots   []*spot
	current int // the spot whose callback runs; for the segment's own goroutine alone
	clock   *clock

	ended atomic.Bool
	mu    sync.Mutex
	atEnd []func() // wakes whoever waits at its queues, and ends the segments upstream
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
		case returned:
		case k.foreign:
			r.end(nil, unwatch)
			return // what goes on is the caller's own panic, or its runtime.Goexit
		default:
			result = r.noteIfPanic(capture.Error(recover()))
		}
		result = r.finish(result, unwatch)
	}()
	result = s.apart().run(place{segment: &r.root}, begin(k))
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

// abort ends the run at once, wherever its items are.
func (r *run) abort(failure error) {
	r.mu.Lock()
	if r.failure == nil {
		r.failure, r.aborted = failure, true
	}
	failure = r.failure
	r.mu.Unlock()
	r.root.end(failure)
}

// noteIfPanic keeps a panic in mind, for it might never get to the sink in its turn.
func (r *run) noteIfPanic(failure error) error {
	if panicked, ok := failure.(*braid.PanicError); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.panicked == nil {
			r.panicked = panicked
		}
	}
	return failure
}

// finish ends the run and returns, or raises, what it has come to.
func (r *run) finish(result error, unwatch func()) error {
	result, inTurn := r.end(result, unwatch)
	if panicked, ok := result.(*braid.PanicError); ok {
		capture.Raise(panicked)
	}
	// What came in its turn came first. A panic of an item behind it would not have
	// happened in a loop.
	if r.panicked != nil && !inTurn {
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

func (s *segment) open(r *run, parent context.Context) {
	s.run, s.watch = r, r.watch
	s.ctx, s.cancel = context.WithCancelCause(parent)
}

// upstream makes a segment whose items go to s. Whoever takes them on s calls leave
// when there are no more, or it wants no more: that ends the segment, after stop has
// freed whoever waits at what joins the two. If s ends before, that happens, too.
func (s *segment) upstream(stop func(cause error)) (up *segment, leave func()) {
	up = new(segment)
	up.open(s.run, s.ctx)
	up.labels = s.labels
	leave = func() {
		cause := cmp.Or(context.Cause(s.ctx), errDone)
		stop(cause)
		up.end(cause)
	}
	s.onEnd(leave)
	return up, leave
}

// spot makes the spot of a stage that is fused on s.
func (s *segment) spot(stage string) *spot {
	at := &spot{stage: stage, id: len(s.spots)}
	s.spots = append(s.spots, at)
	return at
}

// begin is for a stage whose function is about to run for its next input.
func (s *segment) begin(at *spot) {
	at.next++
	s.current = at.id // if the function ends the goroutine, this is where it was
}

// start runs f on the segment's own goroutine, and then, whatever f did, done.
func (s *segment) start(f func() error, done func(error)) {
	s.run.goroutines.Add(1)
	s.clock.run(1)
	go func() { // ends when f does, which ends when the segment has
		var result error
		if s.labels {
			pprof.SetGoroutineLabels(s.ctx) // which it had before
		}
		capture.Run(func() { result = f() }, func(err error) {
			defer s.run.goroutines.Done()
			s.clock.run(-1)
			if err == braid.ErrGoexit {
				err = s.fail(s.spots[s.current], err)
			}
			if err != nil {
				result = s.run.noteIfPanic(err)
			}
			s.endUpstream()
			done(result)
		})
	}()
}

// onEnd has f called when the segment ends.
func (s *segment) onEnd(f func()) {
	s.mu.Lock()
	s.atEnd = append(s.atEnd, f)
	s.mu.Unlock()
	if s.ended.Load() { // perhaps after the last endUpstream
		s.endUpstream()
	}
}

// end ends the segment's context and everything upstream of it. It does not wait.
func (s *segment) end(cause error) {
	s.cancel(cause)
	s.askNoMore()
}

// askNoMore has nothing more begun on s, and ends everything upstream of it.
func (s *segment) askNoMore() {
	s.ended.Store(true)
	s.endUpstream()
}

func (s *segment) endUpstream() {
	s.mu.Lock()
	fs := s.atEnd
	s.atEnd = nil
	s.mu.Unlock()
	for _, f := range fs {
		f()
	}
}

// over reports whether nothing more is to be started on s.
func (s *segment) over() bool {
	return s.ended.Load() || s.watch && s.run.over()
}

// told reports whether the context of s has ended: then what its callbacks return may be
// a consequence of that. It ends before those upstream are over, which is told them one
// by one. If it was the caller's that has ended, the run is aborted, at the latest now.
func (s *segment) told() bool {
	ended := s.ctx.Err() != nil
	return s.watch && s.run.over() || ended
}

// cause says why it is over.
func (s *segment) cause() error { return context.Cause(s.ctx) }

// fail makes the error of a stage, at the input that it has begun last.
func (s *segment) fail(at *spot, err error) error {
	return s.failAt(at, at.next-1, err)
}

// failAt makes the error of a stage. What fails when its context has ended is a
// consequence of that.
func (s *segment) failAt(at *spot, index int64, err error) error {
	at.meters.failed()
	if s.told() {
		return s.cause()
	}
	return &StageError{at.stage, index, err}
}
