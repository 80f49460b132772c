package ratelimit

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/testkit"
)

// FuzzKeyed has a Keyed beside a model of a Limiter for each key that has a place, and one for
// those without. Every answer must be that of the model; who gives up a place must owe nothing; and no
// newcomer may go without one while anybody owes nothing.
func FuzzKeyed(f *testing.F) { testkit.Fuzz(f, fuzzKeyed) }

func fuzzKeyed(t *testing.T, p *testkit.Program) {
	if p.Choose(2) == 0 {
		fuzzKeyedOf(t, p, func(key int) int { return key })
		return
	}
	fuzzKeyedOf(t, p, func(key int) any { return []any{key / 3, int64(key / 3), uint(key / 3)}[key%3] }) // of one hash
}

func fuzzKeyedOf[K comparable](t *testing.T, p *testkit.Program, key func(int) K) {
	limit := newLimit("", someRate(p), someBurst(p))
	if !limit.fits() {
		limit = newLimit("", PerSecond(int64(1+p.Choose(256))), limit.burst%1000)
	}
	s := &keyedTrial[K]{t: t, p: p, key: key, models: make(map[int]*limiterModel)}
	s.k = newKeyed[K](limit, 1+p.Choose(12), p.Choose(4))
	s.others = s.model()
	s.logf("%d places in %d shards, %v, %d", s.k.most, len(s.k.shards), limit.rate, limit.burst)
	for len(*p) > 0 {
		switch p.Choose(11) {
		case 0, 1, 2:
			s.take(1)
		case 3:
			s.take(s.number())
		case 4:
			s.take(0)
		case 5:
			s.join()
		case 6:
			s.look(nil)
		case 7:
			s.look(errGaveUp)
		case 8:
			s.leave()
		default:
			s.pass()
		}
		s.check()
	}
	for _, w := range s.waiters {
		s.giveUp(w, s.clock, errGaveUp)
	}
	for len(s.leaving) > 0 {
		s.leave()
	}
	s.check()
	for i := range s.k.shards {
		require.Empty(t, s.k.shards[i].queues)
	}
}

type keyedTrial[K comparable] struct {
	t       *testing.T
	p       *testkit.Program
	k       *Keyed[K]
	key     func(int) K
	models  map[int]*limiterModel // of the keys with a place
	others  *limiterModel
	clock   int64 // the latest reading there has been
	retry   int64
	waiters []*keyedWaiter
	leaving []int // keys for which a call has waited that is just about to return
}

type keyedWaiter struct {
	trialWaiter
	key     int
	limiter *Limiter
	among   *limiterModel
}

func (s *keyedTrial[K]) logf(format string, args ...any) {
	if testing.Verbose() {
		s.t.Logf(format, args...)
	}
}

func (s *keyedTrial[K]) model() *limiterModel {
	return newLimiterModel(s.k.limit.rate, s.k.limit.burst)
}

func (s *keyedTrial[K]) number() int64 {
	return []int64{2, int64(s.p.Choose(10)), s.k.limit.burst, sum(s.k.limit.burst, 1), math.MaxInt64}[s.p.Choose(5)]
}

func (s *keyedTrial[K]) id(key int) identity[K] { return s.k.id(s.key(key)) }

func (s *keyedTrial[K]) shard(key int) *shard[K] { return &s.k.shards[s.id(key).hash>>s.k.shift] }

func (s *keyedTrial[K]) holds(key int) bool {
	return s.shard(key).places.find(s.id(key)) != nil
}

// limiter is who decides about a key, and nil if its word does.
func (s *keyedTrial[K]) limiter(key int) *Limiter {
	if s.models[key] == nil {
		return s.k.others
	}
	if q := s.shard(key).queues[s.id(key)]; q != nil {
		return q.limiter
	}
	return nil
}

// owesNothing reports whether a key could give up its place.
func (s *keyedTrial[K]) owesNothing(key int, now int64) bool {
	m := s.models[key]
	return s.limiter(key) == nil && (m.rate == nil || m.debt(now).Sign() == 0)
}

// call does what a call does first: it finds the key's place. It returns the model that is to decide, the
// reading that counts, and whether there is a look at the line.
func (s *keyedTrial[K]) call(now int64, key int, n int64, call func()) (m *limiterModel, counts int64, locked bool) {
	floors := make(map[int]int64) // before the call
	must, may := len(s.models) < int(s.k.most), false
	for held := range s.models {
		floors[held] = s.shard(held).floor
		must = must || s.owesNothing(held, now)
		may = may || s.owesNothing(held, max(now, floors[held]))
	}
	known, counts := s.models[key] != nil, max(now, s.shard(key).floor)
	if l := s.limiter(key); l != nil {
		e := l.era.Load()
		counts = max(now, e.epoch)
		locked = now >= e.until || n > e.burst && e.cost > 0 || e.full.Load() == closed
	}
	free := make(map[int]bool)
	for held := range s.models {
		free[held] = s.owesNothing(held, max(now, floors[held]))
	}
	if !known && must {
		counts, locked = max(now, s.shard(key).floor), false
	}
	call()
	if known {
		require.True(s.t, s.holds(key))
		return s.models[key], counts, locked
	}
	if !s.holds(key) {
		require.False(s.t, must, "found no place")
		return s.others, counts, locked
	}
	if !must {
		require.True(s.t, may, "found a place where there is none")
		counts, locked = max(now, s.shard(key).floor), false
	}
	for held := range s.models {
		if !s.holds(held) {
			require.True(s.t, free[held], "%d was forgotten and owes", held)
			s.logf("\t%d is forgotten", held)
			delete(s.models, held)
		}
	}
	s.models[key] = s.model()
	return s.models[key], counts, locked
}

func (s *keyedTrial[K]) take(n int64) {
	now, key := reading(s.p, s.clock), s.p.Choose(int(s.k.most)+3)
	var got Decision
	m, counts, locked := s.call(now, key, n, func() { got = s.k.take(now, s.key(key), n) })
	s.logf("%d: take(%d, %d) is %+v", now, key, n, got)
	if want := m.take(counts, n, locked); want != got {
		require.Equal(s.t, want, got)
	}
	s.retry = sum(counts, int64(got.RetryAfter))
}

// join is Wait, up to where it blocks.
func (s *keyedTrial[K]) join() {
	now, key := reading(s.p, s.clock), s.p.Choose(int(s.k.most)+3)
	w := &keyedWaiter{key: key, trialWaiter: trialWaiter{waiter: &waiter{n: 1, deadline: math.MaxInt64, turn: make(chan struct{}, 1)}}}
	if s.p.Choose(2) == 0 {
		w.deadline = sum(now, int64(s.p.Choose(256)))
	}
	w.model = &modelEntry{n: 1, deadline: w.deadline}
	id, ok := s.id(key), false
	m, counts, locked := s.call(now, key, 0, func() {
		var shard *shard[K]
		shard, w.limiter, _, ok = s.k.ask(now, id, 1)
		if !ok && w.limiter != s.k.others {
			w.limiter = s.k.join(now, id)
		}
		shard.mu.Unlock()
	})
	s.logf("%d: %d waits for %d: %v", now, len(s.waiters), key, ok)
	if ok {
		require.True(s.t, m.take(counts, 1, locked).OK)
		return
	}
	w.among = m
	s.waiters = append(s.waiters, w)
	m.join(max(now, w.limiter.era.Load().epoch), w.model)
	s.lookAs(w, now, nil)
}

func (s *keyedTrial[K]) look(cause error) {
	if len(s.waiters) > 0 {
		s.giveUp(s.waiters[s.p.Choose(min(len(s.waiters), 256))], reading(s.p, s.clock), cause)
	}
}

// giveUp is a look, after which w waits no longer if there is a cause for it.
func (s *keyedTrial[K]) giveUp(w *keyedWaiter, now int64, cause error) {
	if !w.over {
		w.among.giveUp(max(now, w.limiter.era.Load().epoch), w.model, cause)
		s.lookAs(w, now, cause)
	}
}

func (s *keyedTrial[K]) lookAs(w *keyedWaiter, now int64, cause error) {
	again := w.look(now, cause, w.limiter.look)
	s.logf("%d: %d looks (%v): %v, %v: %v", now, slices.Index(s.waiters, w), cause, w.over, again, w.err)
	counts := max(now, w.limiter.era.Load().epoch)
	first, due, ok := w.among.again()
	requireAgain(s.t, ok && first == w.model, due-counts, again)
	requireSameError(s.t, w.model.err, w.err)
	require.True(s.t, w.over == (w.model.state != waiting))
	if w.over && w.limiter != s.k.others {
		s.leaving = append(s.leaving, w.key)
	}
}

func (s *keyedTrial[K]) leave() {
	if len(s.leaving) > 0 {
		key := s.leaving[0]
		s.leaving = s.leaving[1:]
		s.k.leave(reading(s.p, s.clock), s.id(key))
		s.logf("%d: one that waited for %d has left", s.clock, key)
	}
}

func (s *keyedTrial[K]) pass() {
	by := int64(0)
	switch s.p.Choose(10) {
	case 0:
		by = 1
	case 1, 2:
		by = int64(s.p.Choose(256))
	case 3, 4:
		by = s.retry - s.clock - int64(s.p.Choose(2))
	case 5: // to the end of an era
		by = s.k.shards[s.p.Choose(len(s.k.shards))].until - s.clock + int64(s.p.Choose(3)) - 1
	case 6: // to when somebody is free, or just before
		by = s.k.free[s.p.Choose(len(s.k.free))].Load() - s.clock - int64(s.p.Choose(2))
	case 7:
		by = int64(1+s.p.Choose(256)) * int64(time.Millisecond)
	case 8:
		by = int64(1+s.p.Choose(256)) * int64(time.Hour)
	case 9:
		by = int64(1+s.p.Choose(50)) * 365 * 24 * int64(time.Hour)
	}
	s.clock = min(sum(s.clock, max(by, 0)), math.MaxInt64-1) // the last is never
	s.logf("%d", s.clock)
}

func (s *keyedTrial[K]) check() {
	require.Len(s.t, s.models, s.k.Len())
	require.Equal(s.t, s.k.Len(), checkKeyed(s.t, s.k))
	for key := range s.models {
		require.True(s.t, s.holds(key))
	}
}

// checkKeyed checks what is always true while nobody holds a lock, and returns how many keys have a place.
func checkKeyed[K comparable](t *testing.T, k *Keyed[K]) (keys int) {
	for i := range k.shards {
		s := &k.shards[i]
		checkPlaces(t, &s.places)
		free := k.free[i].Load()
		require.LessOrEqual(t, k.busy.Load(), free)
		for at, p := range s.places.slots {
			if p.hash == 0 {
				continue
			}
			id := identity[K]{hash: p.hash}
			if k.kept {
				id = k.id(s.places.keys[at])
			}
			require.Equal(t, p.hash, id.hash)
			require.Equal(t, uint64(i), p.hash>>k.shift)
			require.Equal(t, p.full == closed, s.queues[id] != nil)
			require.LessOrEqual(t, free, max(s.reading(&k.limit, p.full), s.epoch))
			keys++
		}
	}
	require.Equal(t, k.Len(), keys)
	return keys
}

// ---- The table ---------------------------------------------------------------

// FuzzPlaces has a map beside the table, and hashes of which many want the same place.
func FuzzPlaces(f *testing.F) { testkit.Fuzz(f, fuzzPlaces) }

func fuzzPlaces(t *testing.T, p *testkit.Program) {
	table := places[int]{kept: p.Choose(2) == 0}
	model := make(map[int]uint64)
	homes := 1 + p.Choose(256)
	for len(*p) > 0 {
		key, full := p.Choose(256), uint64(p.Choose(256))
		id := identity[int]{hash: 1 + uint64(key%homes)*(1<<32-1)/255}
		if table.kept {
			id.key = key // of which many have the same hash
		} else {
			id.hash += uint64(key/homes) << 32
		}
		place := table.find(id)
		if want, known := model[key]; known {
			require.NotNil(t, place)
			require.Equal(t, want, place.full)
		} else {
			require.Nil(t, place)
		}
		switch {
		case place == nil:
			table.insert(id).full = full
			model[key] = full
		case full < 128:
			at, _ := table.search(id)
			table.remove(at)
			delete(model, key)
		default:
			place.full, model[key] = full, full
		}
		checkPlaces(t, &table)
		require.Len(t, model, table.taken)
	}
}

// checkPlaces checks the order of a table: every key stands behind its home without a gap, and not
// before the home of the one before it.
func checkPlaces[K comparable](t *testing.T, p *places[K]) {
	taken := 0
	for i := range p.slots {
		if p.slots[i].hash == 0 {
			require.Zero(t, p.slots[i])
			if p.kept {
				require.Zero(t, p.keys[i])
			}
			continue
		}
		taken++
		before := (i + len(p.slots) - 1) % len(p.slots)
		switch {
		case p.distance(i) == 0:
		case p.slots[before].hash == 0:
			require.Fail(t, "there is a gap before a key that is not at home")
		case p.distance(i) > p.distance(before)+1:
			require.Fail(t, "two keys are not in order")
		}
	}
	require.Equal(t, p.taken, taken)
	require.True(t, taken < len(p.slots) || taken == 0, "no slot is free")
}
