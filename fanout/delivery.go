package fanout

import (
	"context"
	"runtime"
	"slices"
	"time"
)

// delivery is a value on its way to the subscribers of a Hub that had no room for
// it, in the hands of its publisher, who holds no lock.
type delivery[T any] struct {
	full   []*Subscription[T] // those not served yet
	timer  *time.Timer
	closed bool // the hub was closed meanwhile
	stuck  bool // its patience has ended
}

// A publisher whose subscribers are busy first gives them some turns on the
// processor: that is cheaper than to be woken by each of many. Then it sleeps until
// the first of them has room, and finds room with most others, too. If that takes
// longer, the first may be stuck, and it waits for all of them at once, which is
// not worth its price before.
const (
	turns    = 3
	patience = time.Millisecond
)

// wait serves everybody, each as soon as it has room, until ctx is done.
func (d *delivery[T]) wait(ctx context.Context, v T) error {
	d.closed, d.stuck = false, false
	d.strike(func(s *Subscription[T]) bool {
		if s.policy == Disconnect {
			s.end(ErrSlow)
		}
		return s.policy == Disconnect
	})
	for turn := 1; len(d.full) > 0; turn++ {
		if turn <= turns {
			runtime.Gosched()
		} else if !d.sleep(ctx, v) {
			d.strike(func(s *Subscription[T]) bool {
				s.missed.Add(1)
				return true
			})
			return context.Cause(ctx)
		}
		d.strike(func(s *Subscription[T]) bool { return s.out.offer(v) })
	}
	if d.closed {
		return ErrClosed
	}
	return nil
}

// sleep returns when one more subscriber is served, or false when ctx is done.
func (d *delivery[T]) sleep(ctx context.Context, v T) bool {
	if d.stuck {
		return d.sleepForAll(ctx, v)
	}
	var late <-chan time.Time
	if len(d.full) > 1 {
		d.timer.Reset(patience)
		defer d.timer.Stop()
		late = d.timer.C
	}
	first := d.full[0].out
	select {
	case first.c <- v:
	case <-first.gone:
	case <-ctx.Done():
		return false
	case <-late:
		d.stuck = true
		return d.sleepForAll(ctx, v)
	}
	d.served(0)
	return true
}

func (d *delivery[T]) sleepForAll(ctx context.Context, v T) bool {
	outs := make([]outlet[T], len(d.full))
	for i, s := range d.full {
		outs[i] = s.out
	}
	i := await(ctx, v, outs)
	if i >= 0 {
		d.served(i)
	}
	return i >= 0
}

func (d *delivery[T]) served(i int) {
	d.release(d.full[i])
	d.full = slices.Delete(d.full, i, i+1)
}

// strike takes those off the list of whom done says that they need not be waited
// for any more.
func (d *delivery[T]) strike(done func(*Subscription[T]) bool) {
	d.full = slices.DeleteFunc(d.full, func(s *Subscription[T]) bool {
		if !done(s) {
			return false
		}
		d.release(s)
		return true
	})
}

func (d *delivery[T]) release(s *Subscription[T]) {
	if s.release() == ErrClosed {
		d.closed = true
	}
}
