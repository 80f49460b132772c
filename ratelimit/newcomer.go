package ratelimit

// Newcomers
//
// While there are fewer than maxKeys places, a newcomer gets a new one. After that it gets the place of a key
// that owes nothing: one of its own shard, or else one of another, and then a place moves from that
// shard to its own. Only when all keys of all shards owe, it is sent to the Limiter of those without a place.
//
//	free, by shard:   12s   9s  15s  11s     now: 10s
//	                        ▲
//	                        └ has a key that owes nothing since 9s, unless more has happened to it
//
// To know that without searching all shards, each says from when on one of its keys may owe nothing. That is
// never too late: who gives a place to a key makes it earlier, if need be. It may be too early, and then the search
// that has found nothing puts it right. busy is the earliest of all, so that of many newcomers without a
// place few look even at this.
//
// The newcomer's shard is locked while it looks at what the others say, and both are locked while a place moves. So
// nobody sees a place that is neither here nor there, and of two calls that bring the same new key, the second finds it known.

// admit gives a place to a newcomer, or returns nil if all are held by keys that owe. The newcomer's shard
// is locked, and is so again when it returns, but may not be in between.
func (k *Keyed[K]) admit(now int64, hash uint64, key K) *place[K] {
	i := hash >> k.shift
	s := &k.shards[i]
	for {
		if k.takeNew() || k.forget(i, now, hash) {
			return s.places.insert(hash, key)
		}
		j, ok := k.mayBeFree(i, now)
		if !ok {
			return nil
		}
		s.mu.Unlock()
		k.shards[min(i, j)].mu.Lock() // two are always locked in this order
		k.shards[max(i, j)].mu.Lock()
		p := s.places.find(hash, key) // somebody else may have brought it
		moved := p == nil && k.forget(j, now, hash)
		k.shards[j].mu.Unlock()
		if moved {
			return s.places.insert(hash, key)
		}
		if p != nil {
			return p
		}
	}
}

// takeNew takes a place that nobody has had yet.
func (k *Keyed[K]) takeNew() bool {
	for {
		n := k.taken.Load()
		if n == k.most {
			return false
		}
		if k.taken.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// forget takes the place from a key of shard i that owes nothing.
func (k *Keyed[K]) forget(i uint64, now int64, hash uint64) bool {
	s := &k.shards[i]
	if now = max(now, s.floor); k.free[i].Load() > now {
		return false
	}
	ok, free := s.forget(&k.limit, now, hash)
	if !ok {
		k.free[i].Store(free)
	}
	return ok
}

// expect takes note of when a key of shard i will owe nothing.
func (k *Keyed[K]) expect(i, full uint64) {
	if free := k.shards[i].reading(&k.limit, full); free < k.free[i].Load() {
		k.sooner.Lock()
		k.free[i].Store(free)
		k.busy.Store(min(k.busy.Load(), free))
		k.sooner.Unlock()
	}
}

// mayBeFree returns a shard other than i that may have a key that owes nothing.
func (k *Keyed[K]) mayBeFree(i uint64, now int64) (j uint64, ok bool) {
	if k.busy.Load() > now {
		return 0, false
	}
	last := uint64(len(k.free) - 1)
	for j := (i + 1) & last; j != i; j = (j + 1) & last {
		if k.free[j].Load() <= now {
			return j, true
		}
	}
	k.sooner.Lock()
	defer k.sooner.Unlock()
	free := k.free[0].Load()
	for j := range k.free {
		free = min(free, k.free[j].Load())
	}
	k.busy.Store(free)
	return 0, false
}
