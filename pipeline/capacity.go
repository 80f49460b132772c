package pipeline

import (
	"sync/atomic"
	"time"
)

// capacity is how many items a queue or a window may hold.
//
// If the user has not said how many, it finds out. Goroutines that do little with an
// item should not have to wait for each other after every few of them: to wake one
// takes longer than ten such items. And of items that take long, few should be held,
// for they may be large, and grow stale. So the capacity doubles when whoever brings
// the items has waited a short time for room, and is halved when it was a long time:
//
//	1 µs an item:     8 ─▶ 16 ─▶ 32 ─▶ 64 ─▶ 128 ─▶ 256
//	100 ms an item:   8
type capacity struct {
	now         atomic.Int64
	least, most int64
}

const short, long = time.Millisecond, 10 * time.Millisecond

func (c *capacity) init(least, most int) {
	c.least, c.most = int64(least), int64(most)
	c.now.Store(c.least)
}

// full reports whether so many items are as many as there may be.
func (c *capacity) full(items int64) bool { return items >= c.now.Load() }

// await waits for room at a gate. Only one goroutine does, if the capacity can change.
func (c *capacity) await(room *gate, lost *gauge, ready func() bool) {
	if c.least == c.most {
		room.wait(lost, ready)
		return
	}
	begin := time.Now()
	room.wait(lost, ready)
	switch waited := time.Since(begin); {
	case waited < short:
		c.now.Store(min(2*c.now.Load(), c.most))
	case waited > long:
		c.now.Store(max(c.now.Load()/2, c.least))
	}
}
