package fanout

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/capture"
)

// ForEach calls f for every item of in, on at most workers goroutines at once. The
// first error cancels the others' context, no further item is started, and ForEach
// returns that error as an [*IndexError] whose Index is the item's position in the
// sequence, from 0.
//
//	Goroutines: at most workers, started when an item comes and none is idle; none after it returns.
//	Blocks:     until in and all calls of f have ended. Safe for concurrent use.
//	Ends:       when in is exhausted, f fails, or ctx is done before that: then the error is its cause.
//	Panics:     a panic in f or in is raised again here, as a *braid.PanicError.
//	Memory:     at most workers items that run, and as many, but no more than 64, that were taken from in and wait.
//
// The sequence runs on the caller's goroutine. If it waits, it should obey ctx
// itself: one that goes on waiting delays the return. Items that were taken from
// it when the work ended, and not started, are lost. If ctx is done when the
// sequence ends, the error is its cause, even if all items were done: nobody can
// tell whether the sequence was at its end, or has obeyed.
//
// When the input is a slice, use [Map], which needs no channel. When items that belong
// together must stay in order, use [ByKey].
func ForEach[T any](ctx context.Context, workers int, in iter.Seq[T], f func(context.Context, T) error) error {
	argument.Context("fanout.ForEach", ctx)
	argument.AtLeast("fanout.ForEach", "workers", workers, 1)
	argument.NotNil("fanout.ForEach", "in", in == nil)
	argument.NotNil("fanout.ForEach", "f", f == nil)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	// One item more is taken than the channel holds: the one to be sent next.
	l := loop[T]{f: f, limit: workers, items: make(chan numbered[T], min(workers, mostAhead)-1)}
	l.begin(ctx)
	taken := 0
	return drive(&l.ending, "fanout.ForEach", in, func(item T) bool {
		next := numbered[T]{taken, item}
		taken++
		if l.needsWorker() {
			l.workers.Go(func() { l.work(next) }) // ends when items is closed and empty
			return true
		}
		return l.hand(next)
	}, func() {
		close(l.items) // the sequence has ended, and it was the only sender
		l.workers.Wait()
	})
}

// mostAhead is more than is needed to keep any number of workers from waiting for
// the sequence, if the sequence is quick enough at all.
const mostAhead = 64

// loop is the workers of a ForEach.
type loop[T any] struct {
	ending
	f       func(context.Context, T) error
	items   chan numbered[T] // from the caller's goroutine to the workers
	workers sync.WaitGroup
	limit   int // of workers

	// As long as there are fewer: the workers that wait, or are about to, less the items
	// that wait for them.
	idle    atomic.Int64
	started int
	grown   atomic.Bool // there are no fewer
}

// numbered is an item and its position in the sequence.
type numbered[T any] struct {
	index int
	item  T
}

// needsWorker tells whether to start a worker for an item: if there may be one more,
// and none is sure to take the item at once.
func (l *loop[T]) needsWorker() bool {
	if l.started == l.limit {
		return false
	}
	if l.idle.Load() > 0 {
		l.idle.Add(-1) // it is for the item that is handed over next
		return false
	}
	l.started++
	l.grown.Store(l.started == l.limit)
	return true
}

// hand waits until there is room for an item. It returns false when the context
// has ended instead.
func (l *loop[T]) hand(next numbered[T]) bool {
	select {
	case l.items <- next: // costs half of the other select, and nearly always does it
		return true
	default:
	}
	select {
	case l.items <- next:
		return true
	case <-l.ctx.Done():
		l.cutShort()
		return false
	}
}

// work is a worker, started with its first item in hand. After a failure, or the
// end of the context, it only empties the channel.
func (l *loop[T]) work(next numbered[T]) {
	var none T
	capture.Run(func() {
		for ok := true; ok; {
			if l.over() {
				l.cutShort()
			} else if err := l.f(l.ctx, next.item); err != nil {
				l.fail(&IndexError{next.index, err})
			}
			if next.item = none; !l.grown.Load() { // keep nothing alive while waiting
				l.idle.Add(1)
			}
			next, ok = <-l.items
		}
	}, func(err error) { l.endOf(next.index, err) })
}
