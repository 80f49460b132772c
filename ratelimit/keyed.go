package ratelimit

import (
	"context"
	"fmt"
	"hash/maphash"
	"math/bits"
	"sync"
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
// A key that is a string, a number or a boolean, or a struct or array of such, is not kept, but known by 64 bits
// of a hash whose seed is drawn at random for each Keyed. So it pins no memory, and no client can choose keys that
// collide. Two keys that do would share a limit: with a million keys the odds of that are 1 in 37 million (with n
// keys, n²/2^65). Any other key is kept, with what it points to, and compared.
//
// A key that no map finds again, such as NaN or an interface that holds a slice, is refused.
//
// All methods are safe for concurrent use.
//
//	Goroutines: none, ever.
//	Blocks:     only Wait does, first come, first served for each key.
//	Ends:       nothing has to be ended; a Keyed that nobody holds is garbage.
//	Panics:     if a number is negative or a context is nil.
//	Memory:     about 22 bytes for each key that has a place, and if it is kept its size and half of that more;
//	            as much as for the most there ever were. A key for which calls wait: as a [Limiter].
//
// For a known key Allow takes twice as long as a Limiter's, and the time in which memory answers: with a
// million keys that is most of it. A newcomer may have to look for a place, among about as many as
// the square root of maxKeys.
type Keyed[K comparable] struct {
	start  time.Time
	limit  limit
	all    bool // every K is usable
	kept   bool // a K is compared, as its hash is not enough
	most   int64
	others *Limiter // for those without a place
	seed   maphash.Seed
	shift  int // a hash shifted by this is the number of its shard
	shards []shard[K]

	_     [64]byte     // what is above is read by every call, and what is below is written by newcomers
	taken atomic.Int64 // places, at most as many as most
	// Readings of the clock, see newcomer.go: before free[i], all keys of shards[i] owe something. It is
	// changed under the lock of that, and made sooner also under this one. Before busy, all keys do.
	free   []atomic.Int64
	busy   atomic.Int64
	sooner sync.Mutex
}

// NewKeyed makes a limiter of that rate and burst for each of up to maxKeys keys. It panics if burst is
// negative, if maxKeys is less than one, or if the limit is one that New has to calculate with more than
// 64 bits, such as 3 per second with a burst of 2^40.
func NewKeyed[K comparable](rate Rate, burst int64, maxKeys int) *Keyed[K] {
	const function = "ratelimit.NewKeyed"
	limit := newLimit(function, rate, burst)
	argument.AtLeast(function, "maxKeys", maxKeys, 1)
	if !limit.fits() {
		panic(fmt.Sprintf("%s: rate is %v and burst is %d, which needs more than 64 bits a key: want a smaller burst, or a rate of smaller numbers", function, rate, burst))
	}
	// About as many shards as there are places in one.
	return newKeyed[K](limit, maxKeys, min((bits.Len(uint(maxKeys))-1)/2, 12))
}

// newKeyed makes a Keyed of 2^log shards.
func newKeyed[K comparable](limit limit, maxKeys, log int) *Keyed[K] {
	k := &Keyed[K]{
		start:  time.Now(),
		limit:  limit,
		all:    keys.AllUsable[K](),
		kept:   !keys.Plain[K](),
		most:   int64(maxKeys),
		seed:   maphash.MakeSeed(),
		shift:  64 - log,
		shards: make([]shard[K], 1<<log),
		free:   make([]atomic.Int64, 1<<log),
	}
	k.others = newLimiter(k.start, limit, 0, units{})
	for i := range k.shards {
		k.shards[i].places.kept = k.kept
		k.shards[i].begin(&k.limit, 0)
	}
	return k
}

// Allow reports whether an event of key may happen now. It never admits anything before those who
// wait. A key that cannot be found again is never allowed anything.
func (k *Keyed[K]) Allow(key K) bool { return k.usable(key) && k.allow(k.now(), key) }

// Take asks for n events of key, all or none, and says how things stand for key after it. Take(key, 0) takes
// nothing, but the place of one that is first seen: it looks. The answer to a key that cannot be found again
// is that of a limit of 0.
func (k *Keyed[K]) Take(key K, n int64) Decision {
	argument.AtLeast("ratelimit.Keyed.Take", "n", n, 0)
	if !k.usable(key) {
		return Decision{RetryAfter: forever}
	}
	return k.take(k.now(), key, n)
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
	now, id := k.now(), k.id(key)
	s, l, _, ok := k.ask(now, id, 1)
	if ok {
		s.mu.Unlock()
		return nil
	}
	if l != k.others {
		l = k.join(now, id)
		defer func() { k.leave(k.now(), id) }()
	}
	s.mu.Unlock()
	return l.Wait(ctx)
}

// Len is how many keys have a place.
func (k *Keyed[K]) Len() int { return int(k.taken.Load()) }

func (k *Keyed[K]) usable(key K) bool { return k.all || keys.Usable(key) }

func (k *Keyed[K]) now() int64 { return int64(time.Since(k.start)) }

// identity is what a key is known by. It has the zero K if that is not kept.
type identity[K comparable] struct {
	hash uint64 // never 0
	key  K
}

func (k *Keyed[K]) id(key K) identity[K] {
	id := identity[K]{hash: max(1, maphash.Comparable(k.seed, key))}
	if k.kept {
		id.key = key
	}
	return id
}

func (k *Keyed[K]) allow(now int64, key K) bool {
	s, l, _, ok := k.ask(now, k.id(key), 1)
	if l != nil {
		ok = l.allow(now, 1)
	}
	s.mu.Unlock()
	return ok
}

func (k *Keyed[K]) take(now int64, key K, n int64) Decision {
	s, l, debt, ok := k.ask(now, k.id(key), n)
	defer s.mu.Unlock()
	if l != nil {
		return l.take(now, n)
	}
	return k.limit.decision(ok, n, units{0, debt})
}

// ask decides about n events of a key, and returns the debt after that, or else the Limiter that is to decide. It
// returns with the lock of the key's shard held: until it is let go, that is the right Limiter.
func (k *Keyed[K]) ask(now int64, id identity[K], n int64) (s *shard[K], l *Limiter, debt uint64, ok bool) {
	s = &k.shards[id.hash>>k.shift]
	s.mu.Lock()
	if p := s.places.find(id); p != nil {
		l, debt, ok = k.decide(s, p, id, now, n)
	} else {
		l, debt, ok = k.admit(now, id, n)
	}
	return s, l, debt, ok
}

// decide is ask for a key with a place.
func (k *Keyed[K]) decide(s *shard[K], p *place, id identity[K], now, n int64) (l *Limiter, debt uint64, ok bool) {
	at := s.at(&k.limit, now)
	if p.full == closed {
		return s.queues[id].limiter, 0, false
	}
	if n > k.limit.burst && k.limit.cost > 0 {
		return nil, max(p.full, at) - at, false
	}
	cost := uint64(n) * k.limit.cost
	debt, ok = k.limit.charge(p.full, at, cost)
	if ok && cost > 0 {
		p.full = at + debt
	}
	return nil, debt, ok || n == 0
}

// queue is where calls wait for a key. Its Limiter has the key's state until the last of them leaves.
type queue struct {
	limiter *Limiter
	calls   int
}

// join returns the Limiter at which a call is to wait for a key, whose shard is locked.
func (k *Keyed[K]) join(now int64, id identity[K]) *Limiter {
	s := &k.shards[id.hash>>k.shift]
	q := s.queues[id]
	if q == nil {
		p := s.places.find(id)
		full := k.limit.at(s.epoch).add(units{0, p.full})
		q = &queue{limiter: newLimiter(k.start, k.limit, max(now, s.floor), full)}
		p.full = closed
		if s.queues == nil {
			s.queues = make(map[identity[K]]*queue)
		}
		s.queues[id] = q
	}
	q.calls++
	return q.limiter
}

// leave is for a call that waits no longer. The last has the place keep the key's state again.
func (k *Keyed[K]) leave(now int64, id identity[K]) {
	i := id.hash >> k.shift
	s := &k.shards[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at(&k.limit, now) // so that what is owed now fits the epoch
	q := s.queues[id]
	if q.calls--; q.calls > 0 {
		return
	}
	delete(s.queues, id)
	p := s.places.find(id)
	p.full = q.limiter.end(now).sub(k.limit.at(s.epoch)).lo
	k.expect(i, p.full)
}

// end returns when l is full again. Nothing happens to l after it.
func (l *Limiter) end(now int64) units {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.close(now)
	return l.full
}

// Rate is the rate of each key.
func (k *Keyed[K]) Rate() Rate { return k.limit.rate }

// Burst is the most that may happen at once for a key.
func (k *Keyed[K]) Burst() int64 { return k.limit.burst }
