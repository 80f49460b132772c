package ratelimit

// SetLimit changes the rate and the burst. What is owed stays owed, in events: a limiter
// that had admitted three events of a burst of ten, and then gets a burst of five, admits
// two more. Who waits keeps its place and gets a new time; it fails at once if that is not
// before its deadline, or if its events exceed the new burst or will never be refilled.
// What was promised to a [Reservation] stays as it is, and can no longer be cancelled. It
// panics if burst is negative.
func (l *Limiter) SetLimit(rate Rate, burst int64) {
	limit := newLimit("ratelimit.Limiter.SetLimit", rate, burst)
	l.setLimit(l.now(), limit)
}

func (l *Limiter) setLimit(now int64, limit limit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now = l.close(now)
	defer l.open(now)

	was, end := l.limit, l.base
	owed := end.sub(was.at(now))
	l.limit, l.full = limit, limit.at(now).add(limit.converted(owed, &was))
	l.base = l.full
	l.version++

	places := make([]*waiter, 0, l.line.waiters.Len())
	for w := l.line.first(); w != nil; w = w.next() {
		places = append(places, w)
	}
	l.line.waiters.Init() // they join again, in the same order
	l.promised = nil
	for _, w := range places {
		w.place = nil
		if r := w.promise; r != nil {
			owed = r.full.sub(end) // with what those left who gave up before it
			end = r.full
			l.promise(r, limit.converted(owed, &was))
			continue
		}
		end = end.add(was.costOf(w.n))
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
