package fanout

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/braidgo/braid/internal/argument"
)

// Hub hands each value that is published to all who subscribe to it at that moment.
// Subscribers come and go while values flow, and each says what is to become of a
// value for which it has no room.
//
//	Goroutines: none.
//	Blocks:     Publish until all subscribers with the policy Block have room; nothing else blocks. Safe for concurrent use.
//	Ends:       Publish with its ctx at the latest; the hub with Close.
//	Panics:     if an argument is wrong; there are no callbacks.
//	Memory:     a buffer per subscriber, as large as it asked for. A subscription that is not closed stays.
//
// The values of one publisher reach every subscriber in the order in which they
// were published; those of two publishers may reach two subscribers in different
// orders. While all have room, a Publish costs one send to a buffered channel per
// subscriber, and no allocation. Where it has to wait for several of them longer than
// a millisecond, it allocates, and costs some hundred nanoseconds for each of those.
//
// For a fixed set of receivers, use [Tee]; when each value is for one receiver, a
// channel. A hub delivers within the process, and forgets what is published while
// nobody subscribes.
type Hub[T any] struct {
	// mu is held for reading while values are offered, which never waits, and for
	// writing while a subscription comes or ends. Whoever holds it for writing can
	// therefore close a channel, and nobody is sending to it.
	mu            sync.RWMutex
	closed        bool
	subscriptions []*Subscription[T]
	channels      []chan<- T                  // theirs, side by side because every value visits all of them; nil with Disconnect
	spare         atomic.Pointer[delivery[T]] // a finished one, to be used again
}

// Policy says what becomes of a value for which a subscriber has no room.
type Policy int

const (
	// Block makes the publisher wait until there is room, or its context is done.
	Block Policy = iota
	// DropOldest makes room by dropping the value that has waited longest.
	DropOldest
	// DropNewest drops the value that is being published.
	DropNewest
	// Disconnect drops the value and ends the subscription, with [ErrSlow].
	Disconnect
)

// String returns the name of the policy.
func (p Policy) String() string {
	if names := [...]string{"Block", "DropOldest", "DropNewest", "Disconnect"}; p >= 0 && int(p) < len(names) {
		return names[p]
	}
	return fmt.Sprintf("Policy(%d)", int(p))
}

// NewHub returns a hub without subscribers.
func NewHub[T any]() *Hub[T] { return new(Hub[T]) }

// Publish hands v to all subscribers. First it serves those with room, and those whose
// policy is not Block; then it waits for the others, and serves each within a
// millisecond of when it has room. If ctx is done before that, those who were not served have missed the
// value, and the error is the cause. If the hub is closed before or meanwhile, the error
// is [ErrClosed], and some may have got the value.
//
// Contract: that of Hub.
func (h *Hub[T]) Publish(ctx context.Context, v T) error {
	argument.Context("fanout.Hub.Publish", ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	d, err := h.offer(v)
	if d == nil {
		return err
	}
	err = d.wait(ctx, v)
	h.spare.Store(d)
	return err
}

// offer serves all who need no waiting and returns the others, or nil. The channel
// of each of those stays open until its release.
func (h *Hub[T]) offer(v T) (d *delivery[T], err error) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.closed {
		return nil, ErrClosed
	}
	for i, c := range h.channels {
		select {
		case c <- v:
			continue
		default: // also if c is nil
		}
		s := h.subscriptions[i]
		if s.refuse(v) {
			continue
		}
		if d == nil {
			if d = h.spare.Swap(nil); d == nil {
				d = &delivery[T]{timer: time.NewTimer(0)}
			}
		}
		s.senders.Add(1)
		d.full = append(d.full, s)
	}
	return d, nil
}

// Subscribe returns a subscription to what is published from now on. buffer is how
// many values may wait in it; with 0, there is room only while somebody receives.
// slow says what becomes of a value for which there is no room. A subscription to a
// closed hub has ended already.
func (h *Hub[T]) Subscribe(buffer int, slow Policy) *Subscription[T] {
	argument.AtLeast("fanout.Hub.Subscribe", "buffer", buffer, 0)
	if slow < Block || slow > Disconnect {
		panic(fmt.Sprintf("fanout.Hub.Subscribe: slow is %v, want Block, DropOldest, DropNewest or Disconnect", slow))
	}
	s := &Subscription[T]{hub: h, policy: slow, c: make(chan T, buffer), gone: make(chan struct{})}
	s.out = outlet[T]{s.c, s.gone}
	h.mu.Lock()
	defer h.mu.Unlock()
	s.place = len(h.subscriptions)
	h.subscriptions = append(h.subscriptions, s)
	h.channels = append(h.channels, s.c)
	if slow == Disconnect {
		h.channels[s.place] = nil // offer is to ask first whether it is cut off already
	}
	if h.closed {
		s.remove(ErrClosed)
	}
	return s
}

// Close ends all subscriptions, with [ErrClosed]; what waits in them can still be
// received. Publishers that wait return. Closing again does nothing.
func (h *Hub[T]) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for len(h.subscriptions) > 0 {
		h.subscriptions[len(h.subscriptions)-1].remove(ErrClosed)
	}
	return nil
}
