package fanout

import "sync/atomic"

// Subscription is one subscriber's part of a [Hub]. It is safe for concurrent use.
// Close it when it is no longer needed, best with defer. One with the policy [Block]
// that is neither received from nor closed stops every publisher until its context
// ends.
type Subscription[T any] struct {
	hub    *Hub[T]
	policy Policy
	c      chan T
	gone   chan struct{} // closed when the subscription ends
	out    outlet[T]     // both, for senders

	cut    atomic.Bool   // it was too slow, and somebody is about to end it
	missed atomic.Uint64 // values

	// The publishers that wait for it, who are sending to c without the lock. It is
	// incremented with hub.mu held for reading, and so never once ended is set.
	senders atomic.Int64

	// hub.mu guards these.
	place int // in hub.subscriptions
	ended bool
	err   error
}

// C returns the channel on which the values arrive. It is closed when the
// subscription has ended, and the publishers that waited for it have noticed, which
// takes them a millisecond at most; what was waiting in it can still be received.
func (s *Subscription[T]) C() <-chan T { return s.c }

// Err says why the subscription has ended: nil while it has not, and after Close;
// [ErrSlow] if the policy [Disconnect] has ended it; [ErrClosed] if the hub was closed.
func (s *Subscription[T]) Err() error {
	s.hub.mu.RLock()
	defer s.hub.mu.RUnlock()
	return s.err
}

// Dropped returns how many values the subscriber has missed because it was too
// slow for its policy, or for the context of a publisher that waited.
func (s *Subscription[T]) Dropped() uint64 { return s.missed.Load() }

// Close ends the subscription. Publishers that wait for it go on. Closing again
// does nothing.
func (s *Subscription[T]) Close() { s.end(nil) }

// refuse deals with a value that could not be offered, if that needs no waiting.
// hub.mu is held for reading.
func (s *Subscription[T]) refuse(v T) bool {
	switch s.policy {
	case DropNewest:
		s.missed.Add(1)
		return true
	case DropOldest:
		s.replaceOldest(v)
		return true
	case Disconnect:
		if s.cut.Load() || s.out.offer(v) {
			return true
		}
		s.missed.Add(1)
		return s.cut.Swap(true) // who sets it ends the subscription
	}
	return false
}

// replaceOldest makes room for v, against other publishers that do the same. It
// goes on until it has succeeded: each time it has not, another one has.
func (s *Subscription[T]) replaceOldest(v T) {
	for cap(s.c) > 0 {
		select {
		case <-s.c:
			s.missed.Add(1)
		default: // the subscriber was quicker
		}
		if s.out.offer(v) {
			return
		}
	}
	s.missed.Add(1) // without a buffer, v itself is the oldest
}

// release is called by a publisher that has waited for the subscription. It
// returns why it has ended, if it has. The last one closes the channel.
func (s *Subscription[T]) release() error {
	s.hub.mu.RLock()
	defer s.hub.mu.RUnlock()
	if s.senders.Add(-1) == 0 && s.ended {
		close(s.c)
	}
	return s.err
}

func (s *Subscription[T]) end(err error) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if !s.ended {
		s.remove(err)
	}
}

// remove takes the subscription out of the hub. Nobody but publishers that wait is
// sending now; they see that it is gone, and the last one closes the channel.
// hub.mu is held for writing.
func (s *Subscription[T]) remove(err error) {
	h := s.hub
	last := len(h.subscriptions) - 1
	h.subscriptions[s.place], h.channels[s.place] = h.subscriptions[last], h.channels[last]
	h.subscriptions[s.place].place = s.place
	h.subscriptions[last], h.channels[last] = nil, nil
	h.subscriptions, h.channels = h.subscriptions[:last], h.channels[:last]
	s.ended, s.err = true, err
	close(s.gone)
	if s.senders.Load() == 0 {
		close(s.c)
	}
}
