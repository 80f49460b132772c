package ratelimit

import (
	"math"
	"math/rand/v2"
	"time"
)

// simulation runs clients against a server in a time of its own, on one goroutine, so each run
// with the same seed is the same. What it tests is capacity, without locks and clocks; how
// Adaptive joins that with a semaphore is tested in bubbles.
type simulation struct {
	now    time.Duration
	events events
	random *rand.Rand

	// The server: workers that serve one call each, for a time of service, before
	// which calls wait in a queue.
	workers, busy int
	queue         []func()
	service       func() time.Duration
	network       time.Duration           // there and back
	slower        func(calls int) float64 // instead of workers and a queue: how many times slower all calls are
	inside        int                     // calls that are anywhere in the server
	room          int                     // calls that fit inside; what comes when it is full fails after a millisecond; 0: any number
	fails         func() bool             // after a millisecond
	timeout       time.Duration           // after which the client gives up
}

// client has calls to make and asks its capacity how many at once.
type client struct {
	*simulation
	capacity capacity
	inFlight int
	line     []func() // calls that wait for their turn
	ok       int      // calls that succeeded
}

func newSimulation(seed uint64) *simulation {
	return &simulation{random: rand.New(rand.NewPCG(seed, 1))}
}

func (s *simulation) client(initial int) *client {
	return &client{simulation: s, capacity: newCapacity(1, 1000, initial)}
}

// after has f called in d from now.
func (s *simulation) after(d time.Duration, f func()) {
	s.events.push(happening{s.now + d, s.events.count, f})
}

func (s *simulation) runUntil(end time.Duration) {
	for len(s.events.heap) > 0 && s.events.heap[0].at <= end {
		next := s.events.pop()
		s.now = next.at
		next.happens()
	}
	s.now = end
}

// at has f called at a time.
func (s *simulation) at(t time.Duration, f func()) { s.after(t-s.now, f) }

// every has f called each d.
func (s *simulation) every(d time.Duration, f func()) {
	s.after(d, func() { f(); s.every(d, f) })
}

// request serves a call and reports, in the end, whether it has succeeded.
func (s *simulation) request(done func(ok bool)) {
	reject := func() { s.after(time.Millisecond, func() { done(false) }) }
	if s.fails != nil && s.fails() || s.room > 0 && s.inside >= s.room {
		reject()
		return
	}
	s.inside++
	leave := func() {
		s.inside--
		if s.network > 0 {
			s.after(s.network, func() { done(true) })
		} else {
			done(true)
		}
	}
	if s.slower != nil {
		s.after(time.Duration(float64(s.service())*s.slower(s.inside)), leave)
		return
	}
	s.queue = append(s.queue, leave)
	s.serve()
}

func (s *simulation) serve() {
	for s.busy < s.workers && len(s.queue) > 0 {
		leave := s.queue[0]
		s.queue = s.queue[1:]
		s.busy++
		s.after(s.service(), func() {
			s.busy--
			s.serve()
			leave()
		})
	}
}

// call makes one call, when its turn has come, and then does next.
func (c *client) call(next func()) {
	c.line = append(c.line, func() {
		began, ended := c.now, false
		end := func(ok bool) {
			if ended {
				return
			}
			ended = true
			if ok {
				c.ok++
			}
			c.inFlight--
			c.capacity.ended(c.now, c.now-began, !ok)
			next()
			c.admit()
		}
		if c.timeout > 0 {
			c.after(c.timeout, func() { end(false) })
		}
		c.request(end)
	})
	c.admit()
}

func (c *client) admit() {
	for len(c.line) > 0 && c.inFlight < c.capacity.allowed() {
		begin := c.line[0]
		c.line = c.line[1:]
		c.inFlight++
		c.capacity.began(c.now)
		begin()
	}
}

// closedLoop has n workers make calls one after the other.
func (c *client) closedLoop(n int) {
	for range n {
		var again func()
		again = func() { c.call(again) }
		c.after(0, again)
	}
}

// openLoop has calls come at random, so many per second on average, whatever becomes of them.
func (c *client) openLoop(perSecond func() float64) {
	c.after(time.Duration(c.random.ExpFloat64()/perSecond()*1e9), func() {
		c.call(func() {})
		c.openLoop(perSecond)
	})
}

// Times of service.

func (s *simulation) constant(mean time.Duration) func() time.Duration {
	return func() time.Duration { return mean }
}

func (s *simulation) exponential(mean time.Duration) func() time.Duration {
	return func() time.Duration { return time.Duration(s.random.ExpFloat64() * float64(mean)) }
}

// mixed: one call in ten takes ten times as long as the others.
func (s *simulation) mixed(mean time.Duration) func() time.Duration {
	return func() time.Duration {
		if s.random.IntN(10) == 0 {
			return mean * 100 / 19
		}
		return mean * 10 / 19
	}
}

func (s *simulation) lognormal(mean time.Duration) func() time.Duration {
	return func() time.Duration {
		return time.Duration(float64(mean) * math.Exp(s.random.NormFloat64()-0.5))
	}
}

// events is a heap of what will happen, the earliest first.
type events struct {
	heap  []happening
	count int
}

type happening struct {
	at      time.Duration
	number  int // of two at the same time the one that was planned first comes first
	happens func()
}

func (a happening) before(b happening) bool {
	return a.at < b.at || a.at == b.at && a.number < b.number
}

func (e *events) push(x happening) {
	e.count++
	e.heap = append(e.heap, x)
	h := e.heap
	for i := len(h) - 1; i > 0; {
		parent := (i - 1) / 2
		if !h[i].before(h[parent]) {
			break
		}
		h[i], h[parent] = h[parent], h[i]
		i = parent
	}
}

func (e *events) pop() happening {
	h := e.heap
	first, last := h[0], len(h)-1
	h[0] = h[last]
	h[last] = happening{}
	h = h[:last]
	e.heap = h
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if child+1 < last && h[child+1].before(h[child]) {
			child++
		}
		if !h[child].before(h[i]) {
			break
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
	return first
}
