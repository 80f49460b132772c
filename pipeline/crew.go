package pipeline

import (
	"context"
	"runtime"
	"runtime/pprof"
	"sync/atomic"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/capture"
)

// crew is the workers of a stage. They belong to the segment upstream, whose context is
// theirs: they end when it does.
type crew[A any] struct {
	*window
	ctx            context.Context
	at             *spot
	options        options
	clock          *clock
	supply         supply[A]
	do             func(at int64, item A) (woke bool) // what they do with an item, and whether downstream was waiting for it
	broken         func(at int64, err error)          // what they do if that has not returned, but err
	cancelUpstream func()                             // to be called when no more is wanted

	started atomic.Int64 // how many there are
	waking  atomic.Bool  // one has been woken, or started, and has not claimed anything yet
}

func newCrew[A any](p place, n *node, o options, w *window, items supply[A]) *crew[A] {
	c := &crew[A]{window: w, options: o, supply: items}
	w.up, c.cancelUpstream = p.upstream(w.stop)
	c.ctx = labelled(c.up.ctx, o)
	if len(p.reports) > 0 {
		c.clock = newClock()
	}
	c.at = p.enterWith(n, c.clock, items.waiting)
	return c
}

// join runs what is before the stage, and calls closed, unless it is nil, when that has ended.
func (c *crew[A]) join(p place, s Stream[A], closed func()) {
	above := p.upstreamPlace(c.up)
	in := counted(c.at.meters.in, c.supply.push)
	c.up.start(func() error {
		return s.run(above, func(item A) bool {
			more := in(item)
			if more {
				c.employ()
			}
			return more
		})
	}, func(result error) {
		c.close(result)
		if closed != nil {
			closed()
		}
	})
}

// fail is for an item whose function has returned an error. It returns what comes of it.
func (c *crew[A]) fail(at int64, err error) error {
	err = c.up.failAt(c.at, at, err)
	c.end(at, err)
	return err
}

// end ends the stage after an item: in its turn, if there is one. What fails when
// nobody wants the results any more has no consequences.
func (c *crew[A]) end(at int64, err error) {
	switch {
	case c.abandoned.Load() != nil:
	case c.options.unordered && c.up.ctxDone():
		c.stop(c.up.cause()) // lest it look as if the items had come to their end
	case c.options.unordered:
		c.up.run.abort(err)
	default:
		c.window.fail(at, err)
		c.up.askNoMore() // the items before this one still have its context
	}
}

// employ finds a worker for what is to be started, if one is to be had. While one
// is on its way no other is woken: it looks itself, when it has claimed an item,
// whether there is more to do. So a hundred items that are each done before the next
// one comes need one worker, and a hundred slow ones get a hundred, one behind the
// other's waking and not behind the other's work.
func (c *crew[A]) employ() {
	for c.available() && !c.waking.Load() && c.supply.state() == there && c.waking.CompareAndSwap(false, true) {
		if c.idle.notify() || c.start() {
			return
		}
		c.waking.Store(false)
	}
}

// available reports whether a worker waits, or can be started.
func (c *crew[A]) available() bool {
	return c.idle.waiting.Load() > 0 || c.started.Load() < int64(c.options.workers)
}

func (c *crew[A]) start() bool {
	for {
		started := c.started.Load()
		if started == int64(c.options.workers) {
			return false
		}
		if c.started.CompareAndSwap(started, started+1) {
			c.up.run.goroutines.Add(1)
			go c.work() // ends when there is nothing more to start
			return true
		}
	}
}

// work is a worker. One whose item has ended its goroutine, or has panicked, makes
// room for another: there may be items before that one.
func (c *crew[A]) work() {
	if c.options.named || c.up.labels {
		pprof.SetGoroutineLabels(c.ctx)
	}
	c.clock.run(1)
	at := int64(-1)
	capture.Run(func() { c.claimAll(&at) }, func(err error) {
		c.clock.run(-1)
		if err != nil {
			if err == braid.ErrGoexit {
				err = c.fail(at, err)
			} else {
				err = c.up.run.captured(err)
				c.end(at, err)
			}
			c.broken(at, err)
			c.started.Add(-1)
			c.employ()
		}
		c.up.run.goroutines.Done()
	})
}

// claimAll does items until there are none left, and keeps *current the one it does.
func (c *crew[A]) claimAll(current *int64) {
	for woken, woke := true, false; ; {
		at, item, state := c.supply.claim()
		if woken && state == there {
			woken = false
			c.waking.Store(false)
			c.employ()
		}
		switch state {
		case there:
			if c.up.watch && c.up.run.over() {
				return // nobody waits for the item any more; but segment.over would not do: after a failure earlier items go on
			}
			*current = at
			woke = c.do(at, item) || woke
			c.supply.done(at)
			// Downstream, which was woken here, is next in line for this processor, and the
			// goroutine upstream behind it. But workers with work do not wait, so they would
			// get it only when all items are done, and then the other processors are idle.
			if woke && c.supply.waiting() <= c.capacity.now.Load()/2 {
				woke = false
				runtime.Gosched()
			}
		case never:
			c.waking.Store(false)
			return
		default:
			woken = true
			c.idle.wait(c.clock.whenStarved(), func() bool {
				c.waking.Store(false) // before looking: from now on whoever brings an item wakes somebody
				return c.supply.state() != notYet
			})
		}
	}
}
