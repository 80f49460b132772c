package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/capture"
)

// Tee runs a stream once for several sinks. Each sink gets a branch, a stream of all
// items that can be run once, before its sink returns; otherwise its error is [ErrBranch].
// A sink that returns, or ends its run of the branch, is left out from then on, and the
// others go on; when all have left, the stream ends.
//
// The first error of a sink ends them all and is returned: as it is if it is or wraps a
// [*StageError], otherwise in one whose Index is that of the sink. An error of the stream
// itself comes to each branch, behind the items before it, and is returned whatever the
// sinks make of it.
//
//	Goroutines: one for each sink, and those of the stages; the stream runs on the caller's.
//	            None after it returns.
//	Blocks:     until all sinks have returned. Safe for concurrent use if the stream can be
//	            run so.
//	Ends:       when all sinks have returned, one fails, or ctx is done before that: then the
//	            error is its cause.
//	Panics:     a panic in a sink or the stream is raised again here, as a *braid.PanicError;
//	            for the other sinks it is an error.
//	Memory:     at most 64 items that wait for each sink: the slowest sets the pace.
//
// All sinks get the same items: what one changes in them the others see.
func Tee[T any](ctx context.Context, s Stream[T], sinks ...func(context.Context, Stream[T]) error) error {
	argument.Context("pipeline.Tee", ctx)
	s.check("pipeline.Tee", "s")
	for i, sink := range sinks {
		argument.NotNil("pipeline.Tee", fmt.Sprintf("sinks[%d]", i), sink == nil)
	}
	s = s.detach()
	return Drain(ctx, Stream[struct{}]{node: s.node, run: func(p place, _ func(struct{}) bool) error { return tee(p, s, sinks) }})
}

func tee[T any](p place, s Stream[T], sinks []func(context.Context, Stream[T]) error) (result error) {
	t := &teeing[T]{place: p, branches: make([]*branch[T], len(sinks))}
	for i, sink := range sinks {
		t.branches[i] = &branch[T]{queue: newQueue[T](inBetween, inBetween, 1, nil), at: &spot{stage: "Tee", next: int64(i) + 1}}
		t.start(t.branches[i], s.node, sink)
	}
	var err error
	returned := false
	defer func() {
		if !returned { // the stream has panicked, or ends the goroutine: the sinks get what came before
			err = p.run.captured(capture.Error(recover()))
			if err == braid.ErrGoexit {
				err = p.fail(p.running(), err)
			}
		}
		for _, b := range t.branches {
			b.close(asError(err))
		}
		p.clock.whenBlocked().add(1)
		t.sinks.Wait()
		p.clock.whenBlocked().add(-1)
		result = cmp.Or(t.failure, err)
	}()
	err = s.run(p, t.push)
	returned = true
	return err
}

// teeing is a Tee at work.
type teeing[T any] struct {
	place
	branches []*branch[T]
	sinks    sync.WaitGroup

	mu      sync.Mutex
	failure error // the first of a sink
}

// branch is what a sink gets of a Tee.
type branch[T any] struct {
	*queue[T]
	at         *spot
	used       atomic.Bool
	heardError atomic.Bool // its run was given the error that the stream has ended with
}

// push gives an item to every branch that is left. The slowest sets the pace.
func (t *teeing[T]) push(item T) (more bool) {
	for _, b := range t.branches {
		if b.push(item, t.clock) {
			more = true
		}
	}
	return more
}

// start runs a sink.
func (t *teeing[T]) start(b *branch[T], from *node, sink func(context.Context, Stream[T]) error) {
	t.onEnd(func() { b.stop(t.cause()) })
	t.sinks.Add(1)
	t.run.goroutines.Add(1)
	go func() { // ends when its sink does
		var result error
		capture.Run(func() { result = sink(t.ctx, b.stream(from)) }, func(err error) {
			b.used.Store(true)
			b.stop(ErrBranch)
			t.endOf(b, err, result)
			t.sinks.Done()
			t.run.goroutines.Done()
		})
	}()
}

// endOf notes how a sink has ended: by what was captured, or by what it has returned. A
// sink that was told the stream's error returns some consequence of it, which must not
// end the others: they shall have what came before it, too.
func (t *teeing[T]) endOf(b *branch[T], captured, returned error) {
	var err error
	switch stage := (*StageError)(nil); {
	case captured == braid.ErrGoexit:
		err = t.fail(b.at, captured)
	case captured != nil:
		err = t.run.captured(captured)
	case returned == nil || b.heardError.Load():
		return
	case errors.As(returned, &stage):
		err = returned
	default:
		err = t.fail(b.at, returned)
	}
	t.mu.Lock()
	t.failure = cmp.Or(t.failure, err)
	t.mu.Unlock()
	t.run.abort(err)
}

// stream is the branch, as its sink sees it. It runs as a part of another run: that of
// the sink.
func (b *branch[T]) stream(from *node) Stream[T] {
	n := &node{name: "Tee", inputs: []*node{from}, branch: true}
	return Stream[T]{node: n, run: func(p place, yield func(T) bool) error {
		at := p.enter(n)
		if b.used.Swap(true) {
			return p.failAt(at, 0, ErrBranch)
		}
		p.onEnd(func() { b.stop(p.cause()) })
		b.popper = p.segment
		p.waitsAt(n, b.waiting)
		err := b.drain(counted(at.meters.out, yield))
		b.heardError.Store(err != nil && b.closed.Load() && b.abandoned.Load() == nil && !p.over())
		b.stop(ErrBranch)
		return err
	}}
}
