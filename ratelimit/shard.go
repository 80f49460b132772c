package ratelimit

import (
	"math"
	"sync"
)

// shard is a part of the places of a [Keyed], with a lock and a clock of its own.
//
// A place has one word, full, which means to its key what it means to a [Limiter]: see limit.go. As in an
// era of that, it is counted from an epoch. When the clock has gone too far from that for 64 bits,
// all words of the shard are counted from a new epoch.
//
// A key that is forgotten because it is full, and comes back with a reading of the clock from before it
// was, must not be full already. So no call is decided at a time before floor, which is the last
// at which a key was forgotten. That is only fair: somebody had read that time by then.
type shard[K comparable] struct {
	mu     sync.Mutex
	epoch  int64 // these three are readings of the clock
	until  int64 // end of the time since epoch that fits a word
	floor  int64 // not before epoch
	places places[K]
	queues map[identity[K]]*queue // of the keys for which somebody waits; their words are closed
	_      [32]byte               // makes it two lines of the processor's cache, and no other shard has a part of them
}

// at is the time at which a call that has read now is decided, in units since the epoch.
// It begins a new epoch when it must.
func (s *shard[K]) at(l *limit, now int64) uint64 {
	if now = max(now, s.floor); now >= s.until {
		s.begin(l, now)
	}
	return uint64(now-s.epoch) * l.perNano
}

// begin begins an epoch.
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

// reading is what the clock shows when a key with that word owes nothing any more.
func (s *shard[K]) reading(l *limit, full uint64) int64 {
	switch {
	case full == 0:
		return 0
	case full == closed || l.perNano == 0:
		return math.MaxInt64
	}
	return l.at(s.epoch).add(units{0, full}).overUp(l.perNano)
}

// forget takes the place from a key that owes nothing at now. If there is none, it returns the earliest
// reading of the clock at which there may be one. It begins to look where hash is at home, so that all
// parts of the table lose keys as they get new ones.
func (s *shard[K]) forget(l *limit, now int64, hash uint64) (ok bool, free int64) {
	at := s.at(l, now)
	least := uint64(closed)
	i := s.places.home(hash)
	for range s.places.slots {
		switch p := &s.places.slots[i]; {
		case p.hash == 0:
		case p.full <= at:
			s.places.remove(i)
			s.floor = max(s.floor, now)
			return true, 0
		default:
			least = min(least, p.full)
		}
		i = s.places.after(i)
	}
	return false, s.reading(l, least)
}
