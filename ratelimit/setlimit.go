package ratelimit

// SetLimit changes the rate and the burst. What is owed stays owed, in events, rounded
// up: a limiter that had admitted three events of a burst of ten, and then gets a burst of
// five, admits two more. Who waits keeps its place and gets a new time; it fails at once if
// that is not before its deadline, or if its events exceed the new burst or will never
// be refilled. What was promised to a [Reservation] stays as it is. It panics if burst is
// negative.
func (l *Limiter) SetLimit(rate Rate, burst int64) {
	limit := newLimit("ratelimit.Limiter.SetLimit", rate, burst)
	l.setLimit(l.now(), limit)
}

func (l *Limiter) setLimit(now int64, limit limit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now = l.close(now)
	defer l.open(now)

	granted := l.full.sub(l.limit.at(now)) // and not yet refilled
	waiters := make([]*waiter, 0, l.line.waiters.Len())
	for w := l.line.first(); w != nil; w = w.next() {
		granted = granted.sub(l.limit.costOf(w.n))
		waiters = append(waiters, w)
	}
	was, owed := l.full, int64(0)
	if l.limit.cost > 0 {
		owed = granted.overUp(l.limit.cost)
	}
	l.limit, l.full = limit, limit.at(now).add(limit.costOf(owed))
	l.version++
	l.segment++
	if r := l.latest; r != nil && r.full == was && r.version == l.version-1 {
		r.full, r.version = l.full, l.version
	}

	l.line.waiters.Init() // they join again, in the same order
	for _, w := range waiters {
		w.place, w.floor = nil, units{}
		l.join(w, now)
		w.wake()
	}
}

// Rate is the rate.
func (l *Limiter) Rate() Rate { return l.era.Load().rate }

// Burst is the most that may happen at once.
func (l *Limiter) Burst() int64 { return l.era.Load().burst }

// Tokens is how many events may happen now: from 0 to the burst.
func (l *Limiter) Tokens() int64 { return l.Take(0).Remaining }
