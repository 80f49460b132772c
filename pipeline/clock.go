package pipeline

import (
	"sync"
	"time"
)

// clock is the time of the goroutines of a segment, or of a stage's workers. Only an
// observed run has any: all of this does nothing for a nil clock.
type clock struct{ running, blocked, starved gauge }

func newClock() *clock { return new(clock) }

func (c *clock) read() (t times) {
	if c != nil {
		t.blocked, t.starved = c.blocked.read(), c.starved.read()
		t.ran = c.running.read() // last: what is read as waited has run, too
	}
	return t
}

func (c *clock) run(goroutines int64) {
	if c != nil {
		c.running.add(goroutines)
	}
}

func (c *clock) whenBlocked() *gauge {
	if c == nil {
		return nil
	}
	return &c.blocked
}

func (c *clock) whenStarved() *gauge {
	if c == nil {
		return nil
	}
	return &c.starved
}

// gauge adds up the time that goroutines spend in a state: two for a second are two.
type gauge struct {
	mu    sync.Mutex
	n     int64 // goroutines that are in it
	total time.Duration
	since time.Time // total is true for then
}

func (g *gauge) add(goroutines int64) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.update()
	g.n += goroutines
}

func (g *gauge) read() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.update()
	return g.total
}

func (g *gauge) update() {
	now := time.Now()
	if g.n > 0 {
		g.total += time.Duration(g.n) * now.Sub(g.since)
	}
	g.since = now
}
