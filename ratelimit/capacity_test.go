package ratelimit

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/internal/testkit"
)

// seeds is fewer under the race detector, which has nothing to see here: a simulation is one goroutine.
var seeds = map[bool]int{false: 3, true: 1}[testkit.Race]

// within reports whether the limit, on average over the next second, is within 15 % of what it should be,
// or within one call.
func (c *client) within(capacity float64, second time.Duration) (mean float64, ok bool) {
	for range 10 {
		c.runUntil(c.now + second/10)
		mean += float64(c.capacity.known()) / 10
	}
	return mean, math.Abs(mean-capacity) <= max(1, 0.15*capacity)
}

// A scenario is a server whose capacity is known. By a time the limit has found it, and from
// then on it stays.
type scenario struct {
	name     string
	initial  int
	setup    func(*client)
	capacity float64
	by       time.Duration
	stays    time.Duration
}

func TestCapacityIsFound(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	server := func(workers int, service func(*simulation, time.Duration) func() time.Duration, mean time.Duration) func(*client) {
		return func(c *client) {
			c.workers, c.service = workers, service(c.simulation, mean)
			c.closedLoop(8 * workers)
		}
	}
	with := func(setup func(*client), more func(*client)) func(*client) {
		return func(c *client) { setup(c); more(c) }
	}
	constant, exponential, mixed, lognormal := (*simulation).constant, (*simulation).exponential, (*simulation).mixed, (*simulation).lognormal
	network := func(c *client) { c.network = 10 * ms }
	for _, test := range []scenario{
		{"from below, all calls the same", 10, server(50, constant, 10*ms), 50, 3 * s, 10 * s},
		{"from below, exponential", 10, server(50, exponential, 10*ms), 50, 6 * s, 10 * s},
		{"from below, one in ten takes ten times as long", 10, server(50, mixed, 10*ms), 50, 6 * s, 15 * s},
		{"from below, lognormal", 10, server(50, lognormal, 10*ms), 50, 6 * s, 10 * s},
		{"from above, all calls the same", 400, server(50, constant, 10*ms), 50, 5 * s, 10 * s},
		{"from above, exponential", 400, server(50, exponential, 10*ms), 50, 8 * s, 10 * s},
		{"from above, one in ten takes ten times as long", 400, server(50, mixed, 10*ms), 50, 10 * s, 10 * s},
		{"from far below", 1, server(200, exponential, 20*ms), 200, 60 * s, 5 * s},
		{"one worker", 1, server(1, constant, 10*ms), 1, 10 * s, 10 * s},
		{"four workers", 10, server(4, exponential, 2*ms), 4, 10 * s, 10 * s},
		{"a network, all calls the same", 10, with(server(50, constant, 10*ms), network), 100, 4 * s, 10 * s},
		{"a network, exponential", 10, with(server(50, exponential, 10*ms), network), 100, 10 * s, 10 * s},
		{"calls of 100 microseconds", 10, server(20, exponential, ms/10), 20, 2 * s, s},
		{"calls of 5 seconds, all the same", 10, server(20, constant, 5*s), 20, 600 * s, 3000 * s},
		{"calls of 5 seconds, exponential", 10, server(20, exponential, 5*s), 20, 1800 * s, 7200 * s},
		{"calls come at random, twice as many as can be served", 10, func(c *client) {
			c.workers, c.service = 50, c.exponential(10*ms)
			c.openLoop(func() float64 { return 10_000 })
		}, 50, 6 * s, 10 * s},
		{"calls come in bursts", 10, func(c *client) {
			c.workers, c.service = 50, c.constant(10*ms)
			c.every(s, func() {
				for range 500 {
					c.call(func() {})
				}
			})
		}, 50, 15 * s, 15 * s},
		{"latency degrades smoothly", 10, func(c *client) {
			// The best compromise is said to be where throughput / latency is the greatest.
			c.slower, c.service = func(calls int) float64 { return 1 + math.Pow(float64(calls)/100, 8) }, c.exponential(10*ms)
			c.closedLoop(400)
		}, 100 * math.Pow(1.0/15, 1.0/8), 6 * s, 10 * s},
		{"what is too much is rejected, from below", 10, with(server(50, exponential, 10*ms), func(c *client) { c.room = 50 }), 50, 6 * s, 10 * s},
		{"what is too much is rejected, from above", 400, with(server(50, exponential, 10*ms), func(c *client) { c.room = 50 }), 50, 10 * s, 10 * s},
		{"clients give up", 400, with(server(50, constant, 10*ms), func(c *client) { c.timeout = 25 * ms }), 50, 10 * s, 10 * s},
		{"one call in twenty fails for another reason", 10, with(server(50, exponential, 10*ms), func(c *client) {
			c.fails = func() bool { return c.random.IntN(20) == 0 }
		}), 50, 8 * s, 10 * s},
	} {
		t.Run(test.name, func(t *testing.T) {
			for seed := range uint64(seeds) {
				c := newSimulation(seed).client(test.initial)
				test.setup(c)
				c.runUntil(test.by)
				for c.now < test.by+test.stays {
					limit, ok := c.within(test.capacity, test.stays/10)
					require.True(t, ok, "seed %d, after %v: the limit is %.1f, should be %.1f", seed, c.now, limit, test.capacity)
				}
			}
		})
	}
}

// A pause makes all calls slow that are in flight, which looks like a queue, for a moment.
func TestServerPauses(t *testing.T) {
	each(t, 10, func(t *testing.T, c *client) {
		end := time.Duration(0)
		c.every(time.Second, func() { end = c.now + 20*time.Millisecond })
		c.workers, c.service = 50, func() time.Duration {
			return time.Duration(c.random.ExpFloat64()*1e7) + max(0, end-c.now)
		}
		c.closedLoop(200)
		c.runUntil(20 * time.Second)
		for range 10 {
			limit, _ := c.within(50, time.Second)
			require.InDelta(t, 50, limit, 15)
		}
	})
}

// each runs a test with several seeds.
func each(t *testing.T, initial int, test func(t *testing.T, c *client)) {
	for seed := range uint64(seeds) {
		t.Run(strconv.Itoa(int(seed)), func(t *testing.T) { test(t, newSimulation(seed).client(initial)) })
	}
}

// requireWithin checks the limit after d.
func (c *client) requireWithin(t *testing.T, d time.Duration, capacity float64) {
	t.Helper()
	c.runUntil(c.now + d)
	limit, ok := c.within(capacity, time.Second)
	require.True(t, ok, "at %v the limit is %.1f, should be %.1f", c.now, limit, capacity)
}

func TestCapacityIsFollowed(t *testing.T) {
	each(t, 10, func(t *testing.T, c *client) {
		c.workers, c.service = 100, c.exponential(10*time.Millisecond)
		c.closedLoop(400)
		c.requireWithin(t, 10*time.Second, 100)
		c.workers = 50
		c.requireWithin(t, 4*time.Second, 50)
		c.workers = 100
		c.requireWithin(t, 10*time.Second, 100)
		c.workers = 20
		c.requireWithin(t, 8*time.Second, 20)
	})
}

// The time that calls take says nothing about how many are good.
func TestServerBecomesFasterAndSlower(t *testing.T) {
	each(t, 10, func(t *testing.T, c *client) {
		mean := 10 * time.Millisecond
		c.workers, c.service = 30, func() time.Duration { return time.Duration(c.random.ExpFloat64() * float64(mean)) }
		c.closedLoop(100)
		c.requireWithin(t, 10*time.Second, 30)
		mean = 5 * time.Millisecond
		c.requireWithin(t, 10*time.Second, 30)
		mean = 9 * time.Millisecond
		c.requireWithin(t, 10*time.Second, 30)
		mean = 50 * time.Millisecond // that is an outage, at first
		c.runUntil(c.now + 30*time.Second)
		require.Less(t, c.capacity.known(), 20)
		c.requireWithin(t, 25*time.Minute, 30)
	})
}

func TestNoDriftUpWhileIdle(t *testing.T) {
	each(t, 10, func(t *testing.T, c *client) {
		c.workers, c.service = 50, c.exponential(10*time.Millisecond)
		load := func(end time.Duration) {
			for range 200 {
				var again func()
				again = func() {
					if c.now < end {
						c.call(again)
					}
				}
				again()
			}
		}
		load(10 * time.Second)
		c.runUntil(11 * time.Second)
		limit := c.capacity.known()
		require.InDelta(t, 50, limit, 7)
		for c.now < time.Hour {
			c.call(func() {}) // one now and then
			c.runUntil(c.now + time.Minute)
		}
		require.Equal(t, limit, c.capacity.known())
		load(c.now + time.Minute)
		for range 10 {
			c.requireWithin(t, 0, 50)
		}
	})
}

func TestNoDriftUpUnderLightLoad(t *testing.T) {
	for _, perSecond := range []float64{5, 50, 200} { // in flight on average: 0.05, 0.5, 2
		each(t, 10, func(t *testing.T, c *client) {
			c.workers, c.service = 50, c.exponential(10*time.Millisecond)
			c.openLoop(func() float64 { return perSecond })
			for range 60 {
				c.runUntil(c.now + time.Minute)
				require.Equal(t, 10, c.capacity.known())
			}
		})
	}
}

// 45 of 50 in flight is a heavy load, but nothing waits: the limit rises above it, but not without end.
func TestNoDriftUpUnderHeavyLoad(t *testing.T) {
	each(t, 50, func(t *testing.T, c *client) {
		c.workers, c.service = 500, c.exponential(10*time.Millisecond)
		c.openLoop(func() float64 { return 4500 })
		c.runUntil(time.Minute)
		require.Less(t, c.capacity.known(), 3*45)
	})
}

// 8 of 10 are in flight, and nobody waits: there is no reason for more.
func TestNoGrowthWithoutNeed(t *testing.T) {
	each(t, 10, func(t *testing.T, c *client) {
		c.workers, c.service = 50, c.exponential(10*time.Millisecond)
		c.closedLoop(8)
		for range 300 {
			c.runUntil(c.now + time.Second)
			require.InDelta(t, 9, c.capacity.known(), 1)
		}
	})
}

// 4 of 10 are in flight: less than half, and so there is nothing to find out by holding some of them up.
func TestALightLoadIsNotHeldUp(t *testing.T) {
	each(t, 10, func(t *testing.T, c *client) {
		c.workers, c.service = 50, c.exponential(10*time.Millisecond)
		c.closedLoop(4)
		for c.now < time.Minute {
			c.runUntil(c.now + 10*time.Millisecond)
			require.Empty(t, c.line)
		}
	})
}

// Else it would see the same again, and take a queue for the base.
func TestLookLetsFewerThrough(t *testing.T) {
	for limit := 2.0; limit < 30; limit += 0.1 {
		c := newCapacity(1, 1000, 1)
		c.limit = limit
		all := c.allowed()
		for c.depth = lookAt; c.depth > 0.1; c.depth /= 2 {
			require.Less(t, c.allowed(), all, "limit %.1f, depth %.2f", limit, c.depth)
			require.GreaterOrEqual(t, c.allowed(), 1)
		}
	}
}

func TestLookEndsAtTheMinimum(t *testing.T) {
	c := newCapacity(4, 100, 20)
	c.scatter, c.depth, c.above, c.full = 0, 0.1, level{100, 9, 1}, level{100, 10, 1}
	c.look(level{100, 8, 1}, time.Second)
	require.Equal(t, 1.0, c.depth)
	require.Equal(t, 8.0, c.base.mean)
}

func TestOverloadEndsTheLook(t *testing.T) {
	c := newCapacity(1, 100, 20)
	c.depth = lookAt
	require.Equal(t, 15, c.allowed())
	for range fewestCalls / 2 {
		c.began(0)
		c.ended(time.Second, time.Second, true)
	}
	require.Equal(t, 15, c.known())
	require.Equal(t, 15, c.allowed())
}

func TestOutageByErrors(t *testing.T) {
	each(t, 10, func(t *testing.T, c *client) {
		down := false
		c.workers, c.service, c.fails = 50, c.exponential(10*time.Millisecond), func() bool { return down }
		c.closedLoop(200)
		c.requireWithin(t, 10*time.Second, 50)
		down = true
		c.runUntil(c.now + 3*time.Second)
		require.LessOrEqual(t, c.capacity.known(), 5)
		c.runUntil(c.now + 10*time.Minute)
		require.Equal(t, 1, c.capacity.known())
		down = false
		c.requireWithin(t, 25*time.Second, 50)
	})
}

func TestOutageBySlowness(t *testing.T) {
	for _, factor := range []float64{5, 20, 100} {
		each(t, 10, func(t *testing.T, c *client) {
			slow := 1.0
			c.workers, c.service = 20, func() time.Duration { return time.Duration(slow * c.random.ExpFloat64() * 2e7) }
			c.closedLoop(100)
			c.requireWithin(t, 15*time.Second, 20)
			slow = factor
			c.runUntil(c.now + 9*time.Minute)
			require.LessOrEqual(t, c.capacity.known(), 14)
			c.runUntil(c.now + time.Minute)
			slow = 1
			c.requireWithin(t, 90*time.Second, 20)
			c.requireWithin(t, 60*time.Second, 20)
		})
	}
}

// Ten clients that do not know of each other make the server wait not much more than one would.
func TestSeveralClients(t *testing.T) {
	s := newSimulation(1)
	s.workers, s.service = 100, s.exponential(20*time.Millisecond)
	var clients []*client
	for range 10 {
		clients = append(clients, s.client(10))
		clients[len(clients)-1].closedLoop(50)
	}
	s.runUntil(20 * time.Second)
	for range 30 {
		s.runUntil(s.now + time.Second)
		total := 0
		for _, c := range clients {
			total += c.capacity.known()
		}
		require.InDelta(t, 100, total, 30)
	}
}

func TestLimitStaysWithinItsBounds(t *testing.T) {
	s := newSimulation(1)
	c := s.client(10)
	c.capacity = newCapacity(8, 12, 10)
	phase := 0 // all is well, nothing works, all is well, all is slow
	s.fails = func() bool { return phase == 1 }
	s.workers, s.service = 50, func() time.Duration {
		if phase == 3 {
			return time.Second
		}
		return 10 * time.Millisecond
	}
	c.closedLoop(100)
	for i := range 400 {
		phase = i / 100
		s.runUntil(s.now + 100*time.Millisecond)
		require.GreaterOrEqual(t, c.capacity.known(), 8)
		require.GreaterOrEqual(t, c.capacity.allowed(), 8)
		require.LessOrEqual(t, c.capacity.known(), 12)
		require.LessOrEqual(t, c.capacity.allowed(), 12)
	}
}
