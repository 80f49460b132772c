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

// admit is ask for a newcomer, whose shard is locked. It is when admit returns, but may not be in between.
func (k *Keyed[K]) admit(now int64, id identity[K], n int64) (l *Limiter, debt uint64, ok bool) {
	i := id.hash >> k.shift
	for {
		if k.takeNew() || k.forget(i, now, id.hash) {
			return k.seat(i, now, id, n)
		}
		j, found := k.mayBeFree(i, now)
		if !found {
			return k.others, 0, false
		}
		s, other := &k.shards[i], &k.shards[j]
		s.mu.Unlock()
		k.shards[min(i, j)].mu.Lock() // two are always locked in this order
		k.shards[max(i, j)].mu.Lock()
		if p := s.places.find(id); p != nil { // somebody else has brought it
			other.mu.Unlock()
			return k.decide(s, p, id, now, n)
		}
		if k.forget(j, now, id.hash) {
			defer other.mu.Unlock()
			return k.seat(i, now, id, n)
		}
		other.mu.Unlock()
	}
}

// seat gives a place in shard i to a newcomer.
func (k *Keyed[K]) seat(i uint64, now int64, id identity[K], n int64) (l *Limiter, debt uint64, ok bool) {
	s := &k.shards[i]
	p := s.places.insert(id)
	l, debt, ok = k.decide(s, p, id, now, n)
	k.expect(i, p.full)
	return l, debt, ok
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
	if k.free[i].Load() > now {
		return false
	}
	ok, free := k.shards[i].forget(&k.limit, now, hash)
	if !ok {
		k.free[i].Store(free)
	}
	return ok
}

// expect takes note that a key of shard i will be full again then.
func (k *Keyed[K]) expect(i, full uint64) {
	if free := k.shards[i].reading(&k.limit, full); free < k.free[i].Load() {
		k.sooner.Lock()
		k.free[i].Store(free)
		k.busy.Store(min(k.busy.Load(), free))
		k.sooner.Unlock()
	}
}

// mayBeFree returns a shard other than i that may have a key that owes nothing. If there is none, there was a moment
// at which no shard had one: nothing becomes sooner while it looks.
func (k *Keyed[K]) mayBeFree(i uint64, now int64) (j uint64, ok bool) {
	if k.busy.Load() > now {
		return 0, false
	}
	k.sooner.Lock()
	defer k.sooner.Unlock()
	busy, last := k.free[i].Load(), uint64(len(k.free)-1)
	for j := (i + 1) & last; j != i; j = (j + 1) & last {
		free := k.free[j].Load()
		if free <= now {
			return j, true
		}
		busy = min(busy, free)
	}
	k.busy.Store(busy)
	return 0, false
}
