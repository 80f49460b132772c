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

// segment is one goroutine of a run. The stages that are fused on it share a context,
// which ends when nobody wants their items any more, or the run is over. So do the workers
// that it hands its items to.
type segment struct {
	run     *run
	ctx     context.Context
	cancel  context.CancelCauseFunc
	watch   bool // run.watch, at hand
	labels  bool // the goroutine inherits the pprof labels of a stage that it does not run
	spots   []*spot
	current int    // of spots, the one whose callback runs, if not that of the source; no pointer, since to store one costs more
	source  *guard // while the source runs
	clock   *clock

	ended atomic.Bool
	mu    sync.Mutex
	atEnd []func() // wakes whoever waits at its queues, and ends the segments upstream
}

func (s *segment) open(r *run, parent context.Context) {
	s.run, s.watch = r, r.watch
	s.ctx, s.cancel = context.WithCancelCause(parent)
}

// spot is a stage of a segment in one run: how far it has come.
type spot struct {
	stage  string
	id     int   // its place among the spots of the segment
	next   int64 // how many inputs it has begun
	meters meters
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

// running is the stage whose callback runs, for when that has ended the goroutine. To
// note it costs a store for each stage and item; of the source it is known without.
func (s *segment) running() *spot {
	if s.source != nil && !s.source.mark.is(busy) {
		return s.source.at
	}
	return s.spots[s.current]
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
				err = s.fail(s.running(), err)
			}
			if err != nil {
				result = s.run.captured(err)
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
	s.cancel(asError(cause))
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
func (s *segment) ctxDone() bool {
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
	if s.ctxDone() {
		return s.cause()
	}
	at.meters.failed()
	return &StageError{at.stage, index, err}
}
