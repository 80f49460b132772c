package ratelimit

import (
	"context"
	"fmt"
	"hash/maphash"
	"math/bits"
	"sync/atomic"
	"time"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/keys"
)

// Keyed is a limiter for each key: each client, each user, each host has a rate and a burst of its
// own, and nobody is slowed down by another.
//
// There are places for so many keys as [NewKeyed] was told, and never more. A key takes one when it
// is first seen. It gives it up to a newcomer only when it owes nothing and nobody
// waits for it: then a fresh limiter would decide the same. So a flood of new keys costs no
// memory, and nobody is forgiven by it: while all places are held by keys that owe, the newcomers
// share one more limiter of the same rate and burst. Choose so many places as there are keys within
// the time in which a burst is refilled.
//
// A key that no map finds again, such as NaN or an interface that holds a slice, is refused.
//
//	Goroutines: none, ever.
//	Blocks:     only Wait does, first come, first served for each key.
//	Ends:       nothing has to be ended; a Keyed that nobody holds is garbage.
//	Panics:     if a number is negative or a context is nil.
//	Memory:     for int64 keys at most 48 bytes for each key that has a place; none for keys never seen.
type Keyed[K comparable] struct {
	start    time.Time
	limit    limit
	doubtful bool // whether a K may be unusable
	most     int64
	others   *Limiter // for those who find no place

	seed   maphash.Seed
	shift  int // a hash shifted by this is the number of its shard
	shards []shard[K]

	// By shard, changed under its lock: no place of it is free before that reading of the
	// clock. A place is free when its key owes nothing.
	free []atomic.Int64

	_     [64]byte     // what comes now is written, and what came is read by every call
	taken atomic.Int64 // places, most at most
}

// NewKeyed makes a limiter for each of up to maxKeys keys. It panics if burst is negative, maxKeys is
// less than one, or ...
func NewKeyed[K comparable](rate Rate, burst int64, maxKeys int) *Keyed[K] {
	const function = "ratelimit.NewKeyed"
	limit := newLimit(function, rate, burst)
	argument.AtLeast(function, "maxKeys", maxKeys, 1)
	if !limit.fits() {
		panic(fmt.Sprintf("%s: a rate of %v with a burst of %d needs more than 64 bits a key: use a smaller burst or a rate of smaller numbers", function, rate, burst))
	}
	return newKeyed[K](limit, maxKeys, bits.Len(uint(min(maxKeys/1024, 2048))))
}

func newKeyed[K comparable](limit limit, maxKeys, logShards int) *Keyed[K] {
	k := &Keyed[K]{
		start:    time.Now(),
		limit:    limit,
		doubtful: true,
		most:     int64(maxKeys),
		seed:     maphash.MakeSeed(),
		shift:    64 - logShards,
		shards:   make([]shard[K], 1<<logShards),
		free:     make([]atomic.Int64, 1<<logShards),
	}
	k.others = newLimiter(k.start, limit, 0, units{})
	for i := range k.shards {
		k.shards[i].places.seed = k.seed
		k.shards[i].begin(&k.limit, 0)
		k.free[i].Store(int64(forever))
	}
	return k
}

func (k *Keyed[K]) now() int64 { return int64(time.Since(k.start)) }

func (k *Keyed[K]) hash(key K) uint64 { return maphash.Comparable(k.seed, key) }

func (k *Keyed[K]) usable(key K) bool { return !k.doubtful || keys.Usable(key) }

// Allow reports whether an event of key may happen now. A key that cannot be found again is
// never allowed anything.
func (k *Keyed[K]) Allow(key K) bool {
	return k.usable(key) && k.allow(k.now(), key)
}

func (k *Keyed[K]) allow(now int64, key K) bool {
	s, l, _, ok := k.ask(now, k.hash(key), key, 1)
	if l != nil {
		ok = l.allow(now, 1)
	}
	s.mu.Unlock()
	return ok
}

// Take asks for n events of key, all or none, and says how things stand for key after it. Take(key, 0) takes
// nothing: it looks. The answer to a key that cannot be found again is that of a limit of 0.
func (k *Keyed[K]) Take(key K, n int64) Decision {
	argument.AtLeast("ratelimit.Keyed.Take", "n", n, 0)
	if !k.usable(key) {
		return Decision{RetryAfter: forever}
	}
	return k.take(k.now(), key, n)
}

func (k *Keyed[K]) take(now int64, key K, n int64) Decision {
	s, l, debt, ok := k.ask(now, k.hash(key), key, n)
	defer s.mu.Unlock()
	if l != nil {
		return l.take(now, n)
	}
	return k.limit.decision(ok, n, units{0, debt})
}

// Wait blocks until an event of key may happen, as [Limiter.Wait] does, and fails as that does. It fails
// at once with [braid.ErrKey] if key cannot be found again.
//
// Contract: that of Keyed.
func (k *Keyed[K]) Wait(ctx context.Context, key K) error {
	argument.Context("ratelimit.Keyed.Wait", ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !k.usable(key) {
		return braid.ErrKey
	}
	now, hash := k.now(), k.hash(key)
	s, l, _, ok := k.ask(now, hash, key, 1)
	if ok || l == k.others {
		s.mu.Unlock()
		if ok {
			return nil
		}
		return l.Wait(ctx)
	}
	q := k.enqueue(now, hash, key)
	s.mu.Unlock()
	defer k.dequeue(hash, key)
	return q.limiter.Wait(ctx)
}

// Len is how many keys have a place.
func (k *Keyed[K]) Len() int { return int(k.taken.Load()) }

// ask decides about n events of key, or else returns the Limiter that is to decide. It returns with
// the lock of key's shard held; until the unlock, that Limiter is the right one.
func (k *Keyed[K]) ask(now int64, hash uint64, key K, n int64) (s *shard[K], l *Limiter, debt uint64, ok bool) {
	i := hash >> k.shift
	s = &k.shards[i]
	s.mu.Lock()
	place := s.places.find(hash, key)
	known := place != nil
	if !known {
		if place = k.admit(now, hash, key); place == nil {
			return s, k.others, 0, false
		}
	}
	at := s.at(&k.limit, now)
	if place.full == closed {
		return s, s.queues[key].limiter, 0, false
	}
	debt, ok = k.decide(place, at, n)
	if !known {
		k.expect(i, now, place.full)
	}
	return s, nil, debt, ok
}

// decide is Limiter.admit for a key with a place.
func (k *Keyed[K]) decide(p *place[K], at uint64, n int64) (debt uint64, ok bool) {
	if n > k.limit.burst {
		return max(p.full, at) - at, k.limit.cost == 0
	}
	cost := uint64(n) * k.limit.cost
	debt, ok = k.limit.charge(p.full, at, cost)
	if ok && cost > 0 {
		p.full = at + debt
	}
	return debt, ok || n == 0
}

// queue is where the calls wait that wait for a key.
type queue struct {
	limiter *Limiter
	callers int
}

// enqueue has a caller wait for key, which has a place in a shard that is locked. The first makes the key's queue.
func (k *Keyed[K]) enqueue(now int64, hash uint64, key K) *queue {
	s := &k.shards[hash>>k.shift]
	q := s.queues[key]
	if q == nil {
		now = max(now, s.floor)
		p := s.places.find(hash, key)
		full := k.limit.at(s.epoch).add(units{0, p.full})
		q = &queue{limiter: newLimiter(k.start, k.limit, now, full)}
		if s.queues == nil {
			s.queues = make(map[K]*queue)
		}
		s.queues[key] = q
		p.full = closed
	}
	q.callers++
	return q
}

// dequeue is for a caller that has waited. The last ends the queue.
func (k *Keyed[K]) dequeue(hash uint64, key K) {
	i, now := hash>>k.shift, k.now()
	s := &k.shards[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(&k.limit, now)
	q := s.queues[key]
	if q.callers--; q.callers > 0 {
		return
	}
	delete(s.queues, key)
	p := s.places.find(hash, key)
	p.full = q.limiter.end(now).sub(k.limit.at(s.epoch)).lo
	k.expect(i, now, p.full)
}

// end returns when l is full again, and is the last that happens to it.
func (l *Limiter) end(now int64) units {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.close(now)
	return l.full
}
