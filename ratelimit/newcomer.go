package ratelimit

// Newcomers
//
// While there are fewer than maxKeys places, a newcomer gets a new one. After that it gets the place of
// a key that owes nothing: one of its own shard, if there is any, or else of another, and then a place moves
// from that shard to its own. Only when no shard has one is it sent to those who share a Limiter.
//
//	free, by shard:   12s  9s  15s  11s      the clock: 10s
//	                       ▲
//	                       └ has a place whose key owes nothing since 9s, perhaps
//
// To know that without a search in each shard, each says from when on there may be a free place
// in it. That time is never too late: who gives a key a place makes it earlier, if it has to. It may be
// too early, as the key may since have had more events; then a search finds nothing, and puts it right.
// So of many newcomers that find no place, few search for one.
//
// The newcomer's own shard is locked while it reads what the others say, and both shards are locked while a place
// moves. So nobody ever sees a place that is neither here nor there, and two calls that bring the
// same new key do not bring it twice.

// admit gives a place to a newcomer. It returns nil if all are held by keys that owe. The newcomer's shard
// is locked, and is so again when it returns.
func (k *Keyed[K]) admit(now int64, hash uint64, key K) *place[K] {
	i := hash >> k.shift
	s := &k.shards[i]
	for {
		if k.takeNew() || k.forget(i, now) {
			return s.places.insert(hash, key, 0)
		}
		j, ok := k.mayHaveFree(i, now)
		if !ok {
			return nil
		}
		s.mu.Unlock()
		k.lockBoth(i, j)
		place := s.places.find(hash, key) // somebody else may have brought it
		moved := place == nil && k.forget(j, now)
		k.shards[j].mu.Unlock()
		if moved {
			place = s.places.insert(hash, key, 0)
		}
		if place != nil {
			return place
		}
	}
}

// takeNew takes one of the places that have not been taken yet.
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

// forget makes shard i, which is locked, one place smaller by that of a key that owes nothing.
func (k *Keyed[K]) forget(i uint64, now int64) bool {
	if now = max(now, k.shards[i].floor); k.free[i].Load() > now {
		return false
	}
	ok, free := k.shards[i].forget(&k.limit, now)
	if !ok {
		k.free[i].Store(free)
	}
	return ok
}

// expect takes note that a key of shard i, which is locked, will be full again then.
func (k *Keyed[K]) expect(i uint64, now int64, full uint64) {
	if k.free[i].Load() > now {
		if free := k.shards[i].reading(&k.limit, full); free < k.free[i].Load() {
			k.free[i].Store(free)
		}
	}
}

// mayHaveFree returns another shard than i that may have a free place now.
func (k *Keyed[K]) mayHaveFree(i uint64, now int64) (j uint64, ok bool) {
	all := uint64(len(k.free))
	for j := i + 1; j < i+all; j++ {
		if k.free[j%all].Load() <= now {
			return j % all, true
		}
	}
	return 0, false
}

// lockBoth locks two shards, always the one with the smaller number first.
func (k *Keyed[K]) lockBoth(i, j uint64) {
	k.shards[min(i, j)].mu.Lock()
	k.shards[max(i, j)].mu.Lock()
}
