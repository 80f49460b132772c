package ratelimit

import (
	"math"
	"sync"
)

// The clock of a shard
//
// A place has one word, full, which means what it means to a [Limiter]: see limit.go. As in
// an era of that, it is counted from an epoch, and when it becomes too large for 64 bits, all words of
// the shard are counted from a new one.
//
// A key is forgotten when it is full, and its place given to another. If it comes back with a
// reading of the clock from before that, it must not find itself full already then. So no call is
// decided at a time before floor, the last at which a key was forgotten. That is nothing but fair:
// somebody had read that time when the call came in.
type shard[K comparable] struct {
	mu     sync.Mutex
	epoch  int64 // these are readings of the clock
	until  int64 // the end of the time since epoch that fits a word
	floor  int64
	places places[K]
	hand   int          // where the search for one to be forgotten goes on
	queues map[K]*queue // of the keys for which somebody waits
	_      [16]byte     // makes it two lines of the processor's cache, which no other shard shares
}

// at is the time at which a call is decided that has read now, in units since the epoch. It begins a
// new epoch if it must.
func (s *shard[K]) at(l *limit, now int64) uint64 {
	if now = max(now, s.floor); now >= s.until {
		s.begin(l, now)
	}
	return uint64(now-s.epoch) * l.perNano
}

// begin has an epoch begin now.
func (s *shard[K]) begin(l *limit, now int64) {
	passed := l.at(now - s.epoch)
	for i := range s.places.slots {
		if p := &s.places.slots[i]; p.full != closed {
			p.full = units{0, p.full}.sub(passed).lo
		}
	}
	s.epoch, s.floor = now, now
	s.until = now + min(l.eraNanos(), math.MaxInt64-now)
}

// reading is the reading of the clock at which a place with that word is free.
func (s *shard[K]) reading(l *limit, full uint64) int64 {
	switch {
	case full == closed:
		return math.MaxInt64
	case full == 0:
		return s.epoch
	case l.perNano == 0:
		return math.MaxInt64
	}
	return l.at(s.epoch).add(units{0, full}).overUp(l.perNano)
}

// forget takes the place from a key that owes nothing at now. If there is none, it returns
// the earliest reading of the clock at which there can be one.
func (s *shard[K]) forget(l *limit, now int64) (ok bool, earliest int64) {
	at := s.at(l, now)
	least := uint64(closed)
	for range s.places.slots {
		if s.hand >= len(s.places.slots) {
			s.hand = 0
		}
		if s.places.marks[s.hand] != 0 {
			full := s.places.slots[s.hand].full
			if full <= at {
				s.places.remove(s.hand) // and the hand points to the one behind it
				s.floor = max(s.floor, now)
				return true, 0
			}
			least = min(least, full)
		}
		s.hand++
	}
	return false, s.reading(l, least)
}
