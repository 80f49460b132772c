package fanout

import (
	"context"
	"iter"
	"sync"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/capture"
	"github.com/braidgo/braid/internal/keys"
	"github.com/braidgo/braid/internal/lanes"
)

// ByKey calls f for every item of in, on at most workers goroutines at once. Items
// with the same key are done one after the other, in the order of in. A slow item
// takes one worker and holds up its own key; the others go on while a worker is free
// and fewer than pending items wait. An item waits when it was taken from in and has
// not begun. When pending items wait, no more are taken, whatever their keys: so a
// slow key with many items stops them all in the end.
//
// The first error cancels the others' context, no further item is started, and
// ByKey returns that error as an [*IndexError] whose Index is the item's position in
// the sequence, from 0. An item whose key cannot be compared with itself, such as
// NaN, fails so with braid.ErrKey. key is called on the caller's goroutine, once an item.
//
//	Goroutines: at most workers, started when an item comes and none is idle, and one for a moment when the context ends; none after it returns.
//	Blocks:     until in and all calls of f have ended. Safe for concurrent use.
//	Ends:       when in is exhausted, f fails, or ctx is done before that: then the error is its cause.
//	Panics:     a panic in f, key or in is raised again here, as a *braid.PanicError.
//	Memory:     at most workers + pending items; a key costs only while one of its items waits or runs.
//
// The sequence runs on the caller's goroutine. If it waits, it should obey ctx
// itself: one that goes on waiting delays the return. Items that were taken from
// it when the work ended, and not started, are lost. If ctx is done when the
// sequence ends, the error is its cause, even if all items were done.
//
// It is for the events of many accounts, where each account's must stay in order. When
// the order does not matter, use [ForEach], which needs no map and no lock. With few keys,
// all of them always busy, a goroutine and a channel for each is faster.
func ByKey[T any, K comparable](ctx context.Context, workers, pending int, in iter.Seq[T], key func(T) K, f func(context.Context, T) error) error {
	argument.Context("fanout.ByKey", ctx)
	argument.AtLeast("fanout.ByKey", "workers", workers, 1)
	argument.AtLeast("fanout.ByKey", "pending", pending, 1)
	argument.NotNil("fanout.ByKey", "in", in == nil)
	argument.NotNil("fanout.ByKey", "key", key == nil)
	argument.NotNil("fanout.ByKey", "f", f == nil)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	l := &keyed[T, K]{f: f, limit: workers, pending: pending, lanes: lanes.New[K, numbered[T]]()}
	l.begin(ctx)
	l.changed.L, l.room.L = &l.lock, &l.lock
	stopWatching := l.watch()
	taken := 0
	return drive(&l.ending, "fanout.ByKey", in, func(item T) bool {
		next := numbered[T]{taken, item}
		taken++
		return l.add(key(item), next)
	}, func() {
		l.close()
		l.workers.Wait()
		stopWatching()
	})
}

// keyed is what a ByKey knows: the items that wait, in lanes, and the workers.
type keyed[T any, K comparable] struct {
	ending
	f       func(context.Context, T) error
	workers sync.WaitGroup
	limit   int // of workers
	pending int // of items that wait

	lock    sync.Mutex // never held while a callback runs
	lanes   *lanes.Set[K, numbered[T]]
	room    sync.Cond // fewer than pending wait, or the context has ended
	started int       // workers
	idle    int       // workers that wait for changed, and for whom there is nothing yet
	changed sync.Cond // a lane is ready, or in has ended, or the context
	closed  bool      // in has ended
}

// add lets an item wait in the lane of its key, and returns when there is room for
// the next: false, when there will not be.
func (l *keyed[T, K]) add(k K, next numbered[T]) bool {
	if !keys.Usable(k) {
		l.fail(&IndexError{next.index, braid.ErrKey})
		return false
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.lanes.Add(k, next) {
		l.employ()
	}
	for l.lanes.Waiting() == l.pending && !l.over() {
		l.room.Wait() // until a worker takes an item, or watch has seen the context's end
	}
	return l.lanes.Waiting() < l.pending
}

// employ finds a worker for a lane that has become ready, if one is to be had.
func (l *keyed[T, K]) employ() {
	switch {
	case l.idle > 0:
		l.idle--
		l.changed.Signal()
	case l.started < l.limit:
		l.started++
		l.workers.Go(l.work) // ends when in has ended, and nothing is ready
	}
}

// work is a worker.
func (l *keyed[T, K]) work() {
	var current numbered[T]
	capture.Run(func() {
		var done *lanes.Lane[K, numbered[T]]
		for {
			here, ok := l.next(done, &current)
			if !ok {
				return
			}
			if err := l.f(l.ctx, current.item); err != nil {
				l.fail(&IndexError{current.index, err})
				return
			}
			done = here
		}
	}, func(err error) { l.endOf(current.index, err) })
}

// next gives back the lane that the worker has done an item of, unless it is nil,
// and waits for another that is ready. It returns that lane and its first item.
func (l *keyed[T, K]) next(done *lanes.Lane[K, numbered[T]], item *numbered[T]) (*lanes.Lane[K, numbered[T]], bool) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if done != nil {
		l.lanes.Done(done) // and take one out, so that no other worker is needed
	}
	*item = numbered[T]{} // keep nothing alive while waiting
	for l.lanes.Ready() == 0 && !l.closed && !l.over() {
		l.idle++
		l.changed.Wait() // until employ, close or watch
	}
	// With in at its end, what waits in other lanes is for the workers that run an
	// item of those.
	if l.lanes.Ready() == 0 || l.over() {
		return nil, false
	}
	here, first := l.lanes.Take()
	*item = first
	if l.lanes.Waiting() == l.pending-1 {
		l.room.Signal()
	}
	return here, true
}

// close tells the workers that in has ended.
func (l *keyed[T, K]) close() {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.closed = true
	l.changed.Broadcast()
}

// watch wakes everybody when the context ends. The function it returns is called
// when the workers have ended; then nothing is left of it.
func (l *keyed[T, K]) watch() (stop func()) {
	woken := make(chan struct{})
	stopped := context.AfterFunc(l.ctx, func() {
		defer close(woken)
		l.lock.Lock()
		defer l.lock.Unlock()
		l.changed.Broadcast()
		l.room.Broadcast()
	})
	return func() {
		if !stopped() {
			<-woken
		}
		if l.lanes.Waiting() > 0 {
			l.cutShort()
		}
	}
}
