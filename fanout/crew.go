package fanout

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/capture"
)

// The idea: at the start, every worker gets an equal share of the items and
// takes them from its front, one by one. A worker whose share is empty takes
// over the back half of another's. So a worker touches what others touch a few
// times in all, however many items there are; and whatever is not started can be
// taken over, down to the last item, even while its owner is stuck with the one
// before.
//
//	          started              not started
//	worker 0  [0 ... 480 481]  482 483 ... 740 | 741 ... 999
//	worker 1  [1000 ... 1999]  none            ▲
//	                                           └── worker 1 takes over 741 to 999
//
// Why claim singly, and not ten at a time? Nobody could say which of the ten had
// been started, when the first of them blocks until the second has. An atomic
// addition to a word that is one's own, and in one's own cache, takes 2 ns; to one
// that all share, 30 and more.

// crew is the workers of one call, and what they have in common.
type crew struct {
	ending
	watch   bool           // ctx can end without one of us having failed
	onExit  func(item int) // takes an item that called runtime.Goexit; nil: that is a failure
	first   int            // what item 0 is to the caller
	shares  []share        // one a worker
	workers sync.WaitGroup

	sharing   sync.Mutex // never held while a callback runs
	look      int        // the share that refill looks at next
	stopped   bool       // all shares are empty, for good
	unstarted []interval // what was in them when they were cleared
}

// interval is the items from lo to before hi.
type interval struct{ lo, hi int }

// share is the items that one worker is going to start: those from lo to before
// hi. Both are in one word, lo in the lower half, so that an addition claims an
// item, and no other item is ever claimed twice:
//
//	next       lo+1, by the owner: the item is the lo before that
//	takeOver   hi becomes the middle, by another
//	clear      both become 0
//
// In an empty share lo may be more than hi, by one.
type share struct {
	bounds atomic.Uint64
	_      [120]byte // keeps shares on cache lines of their own
}

// mostItems keeps lo and hi in range, and lo+1, too. More are done in pieces, one
// after the other. A test makes it small.
var mostItems = 1 << 30

func (s *share) fill(lo, hi int) { s.bounds.Store(uint64(hi)<<32 | uint64(lo)) }

// next claims an item. It is for the owner alone.
func (s *share) next() (item int, ok bool) {
	bounds := s.bounds.Add(1)
	item = int(uint32(bounds)) - 1
	return item, item < int(bounds>>32)
}

// takeOver takes the back half, or the last item.
func (s *share) takeOver() (taken interval, ok bool) {
	for {
		bounds := s.bounds.Load()
		lo, hi := int(uint32(bounds)), int(bounds>>32)
		if lo >= hi {
			return interval{}, false
		}
		middle := lo + (hi-lo)/2
		if s.bounds.CompareAndSwap(bounds, uint64(middle)<<32|uint64(lo)) {
			return interval{middle, hi}, true
		}
	}
}

// clear empties the share and returns what was in it.
func (s *share) clear() interval {
	bounds := s.bounds.Swap(0)
	lo, hi := int(uint32(bounds)), int(bounds>>32)
	return interval{min(lo, hi), hi}
}

// spread calls f for the elements of in and stores what it returns in out. It
// starts no more workers than there are elements. It returns which elements it did
// not start. onExit, unless nil, is told of an element that called runtime.Goexit,
// which is then no failure.
func spread[T, R any](ctx context.Context, workers int, in []T, out []R,
	f func(context.Context, T) (R, error), onExit func(item int)) (unstarted []interval, err error) {
	if ctx.Err() != nil {
		return []interval{{0, len(in)}}, context.Cause(ctx)
	}
	for first, last := 0, 0; first < len(in); first = last {
		last = first + min(mostItems, len(in)-first)
		c := crew{first: first, watch: ctx.Done() != nil, onExit: onExit}
		c.begin(ctx)
		run(&c, min(workers, last-first), in[first:last], out[first:last], f)
		if err := c.result(); err != nil {
			return append(c.unstarted, interval{last, len(in)}), err
		}
	}
	return nil, nil
}

// run returns when the workers have ended.
func run[T, R any](c *crew, workers int, in []T, out []R, f func(context.Context, T) (R, error)) {
	c.shares = make([]share, workers)
	bound := func(w int) int { return int(int64(w) * int64(len(in)) / int64(workers)) }
	for w := range c.shares {
		c.shares[w].fill(bound(w), bound(w+1))
	}
	c.workers.Add(workers)
	for w := range c.shares {
		go work(c, &c.shares[w], in, out, f) // ends when there is nothing left to start
	}
	c.workers.Wait()
}

// work is a worker.
func work[T, R any](c *crew, own *share, in []T, out []R, f func(context.Context, T) (R, error)) {
	item := 0
	capture.Run(func() { takeItems(c, own, &item, in, out, f) }, func(err error) {
		switch {
		case err == nil:
		case err != braid.ErrGoexit:
			c.stop(interval{}, err) // a panic
		case c.onExit == nil:
			c.stop(interval{}, &IndexError{c.first + item, err})
		default:
			c.onExit(c.first + item)
			c.workers.Add(1)
			go work(c, own, in, out, f) // in the place of this goroutine, which is ending
		}
		c.workers.Done()
	})
}

// takeItems does items until there are none left, and keeps *current the one it does.
func takeItems[T, R any](c *crew, own *share, current *int, in []T, out []R, f func(context.Context, T) (R, error)) {
	ctx, caller, watch := c.ctx, c.caller, c.watch
	for {
		item, ok := own.next()
		if !ok {
			if !c.refill(own) {
				return
			}
			continue
		}
		*current = item
		if watch && caller.Err() != nil {
			c.stop(interval{item, item + 1}, nil)
			return
		}
		result, err := f(ctx, in[item])
		if out[item] = result; err != nil {
			c.stop(interval{}, &IndexError{c.first + item, err})
			return
		}
	}
}

// refill takes over a part of somebody's share for the worker whose own share is
// empty. It returns false when there is nothing left to start: the lock makes sure
// that nothing is on its way from one share to another meanwhile.
func (c *crew) refill(own *share) bool {
	c.sharing.Lock()
	defer c.sharing.Unlock()
	if c.stopped {
		return false
	}
	for range c.shares {
		if taken, ok := c.shares[c.look].takeOver(); ok {
			own.fill(taken.lo, taken.hi)
			return true
		}
		c.look = (c.look + 1) % len(c.shares)
	}
	c.stopped = true
	return false
}

// stop takes from all workers what they have not started, so that they end. rest
// is what the caller has claimed and will not start either. failure is nil when
// the context has ended.
func (c *crew) stop(rest interval, failure error) {
	c.sharing.Lock()
	defer c.sharing.Unlock()
	c.leave(rest)
	if !c.stopped {
		c.stopped = true
		for w := range c.shares {
			c.leave(c.shares[w].clear())
		}
	}
	if failure != nil {
		c.fail(failure)
	} else {
		c.cutShort()
	}
}

// leave notes that items will not be started.
func (c *crew) leave(items interval) {
	if items.lo < items.hi {
		c.unstarted = append(c.unstarted, interval{c.first + items.lo, c.first + items.hi})
	}
}
