package ratelimit

import (
	"math"
	"time"
)

// Finding the capacity
//
// While a server has room, a call takes as long as it takes, however many others there are:
// the base. From some number on, its capacity, calls wait for each other: each one more makes
// all of them slower, and no more of them get done.
//
//	latency
//	   │                     ╱
//	   │                   ╱  calls wait
//	   │                 ╱
//	base ──────────────●
//	   │               ╎
//	   └───────────────┴───────▶ calls in flight
//	                capacity
//
// So the limit grows while calls take no longer than the base, and shrinks when they do. That
// goes in windows: let a change take effect, measure some calls, decide.
//
// All depends on the base. It is not remembered from better times, and not taken from the
// latencies that are seen anyway, in which a queue may be hidden. It is looked for, all the time
// anew: in every tenth window only 3/4 of the limit are let through. If that makes calls faster,
// there was a queue; then it looks at half of that, and so on, until fewer calls are not faster.
//
//	let through   limit 40, ten windows        look             ...
//	   40    ─────────────────────────────┐            ┌───────────
//	   30                                 └──────┐     │
//	   15                            faster: on  └─────┘ not faster: this is the base
//
// The alternatives, and why they were not taken:
//   - The least latency ever seen, as in TCP Vegas: one lucky call sets it, and a server
//     that has become slower can never reach it. Here a mean is compared with a mean.
//   - A moving average of all latencies, as in Netflix's Gradient2: it learns an outage, and
//     even the queue that the limit itself has made, and lets the limit grow without end.
//   - The limit as throughput times base, as in TCP BBR: an error of the base is then an error
//     of the limit. Here errors of single windows lead a step up or down, and cancel out.

// What is measured are means of the logarithms of latencies, so 0.03 is a factor of 1.03. A call
// that is ten times slower than the others weighs little in it, and the fastest, on which
// waiting shows best, as much as any: it takes a fraction of the calls that a mean of
// latencies would take to tell a queue from chance.
const (
	queued   = 0.03 // so much slower than the base: there is a queue
	alarming = 0.2  // so much slower: that may be a queue or another server, so look now

	leastStep, mostStep = 0.02, 0.5 // the limit grows by such a part of itself, or by a call

	lookEvery   = 10   // windows
	lookAt      = 0.75 // of the limit
	inUse       = 0.9  // the limit grows only while so much of it is in flight
	halfUsed    = 0.5  // and below this nothing is looked for
	failing     = 0.1  // so many calls may fail
	normalTwice = 10 * time.Minute
)

// capacity is what is known of a server. It has no clock and no lock.
type capacity struct {
	min, max float64
	limit    float64 // the capacity as far as is known
	step     float64 // the part of limit by which it grows next
	depth    float64 // the part of limit that is let through: 1, or less while it looks for the base

	base    level   // how long calls take without a queue
	normal  float64 // what base.mean is in the long run
	scatter float64 // the standard deviation of the logarithms
	queue   bool    // there was one in the window before

	inFlight int
	counted  time.Duration // as far as window has it

	window  window
	settled time.Duration // before that a change has not taken effect
	settles time.Duration // how long that takes
	begun   bool          // there was a window

	windows int           // since the last look
	looked  time.Duration // when that was
	full    level         // while it looks: what there was at depth 1
	sure    bool          // that was a window like others
	above   level         // and at the depth before this one
}

func newCapacity(min, max, initial int) capacity {
	return capacity{
		min: float64(min), max: float64(max), limit: float64(initial),
		step: mostStep, depth: 1, scatter: 1, settles: leastTime,
	}
}

// known is the limit as far as is known.
func (c *capacity) known() int { return int(max(c.min, c.limit*c.ease())) }

// allowed is how many calls are to be let through now.
func (c *capacity) allowed() int { return int(max(c.min, math.Floor(c.limit*c.ease())*c.depth)) }

// began takes a call into account that begins.
func (c *capacity) began(now time.Duration) {
	c.count(now)
	c.inFlight++
}

// left takes a call into account that has ended and teaches nothing.
func (c *capacity) left(now time.Duration) {
	c.count(now)
	c.inFlight--
}

// count adds up what was in flight. It is not what each call sees: of those that end together the
// last sees none.
func (c *capacity) count(now time.Duration) {
	if now > c.counted { // who has read the clock earlier may come later
		c.window.inFlight += float64(c.inFlight) * float64(now-max(c.counted, c.window.start))
		c.counted = now
	}
}

// ended takes a call into account that has ended, and reports whether that has decided anything.
func (c *capacity) ended(now, latency time.Duration, failed bool) (decided bool) {
	c.left(now)
	now = c.counted
	w := &c.window
	if now < c.settled {
		*w = window{start: now}
		return false
	}
	w.add(latency, failed)
	switch {
	case w.overloaded():
		c.limit = max(c.min, c.limit*(1-w.failed/(w.failed+w.calls)/4))
		c.step, c.depth = leastStep, 1
	case c.complete(now):
		c.decide(now)
	default:
		return false
	}
	c.window = window{start: now}
	c.settled = now + c.settles
	return true
}

// decide what comes next, at the end of a window.
func (c *capacity) decide(now time.Duration) {
	seen := c.window.level(now, c.allowed())
	c.scatter = max(c.window.deviation(), c.scatter/2)
	c.settles = time.Duration(math.Exp(seen.mean + 2*c.scatter)) // few calls take longer
	switch {
	case !c.begun: // calls that began together end together: no window like others
		c.begun = true
	case c.depth < 1:
		c.look(seen, now)
	case seen.used < lookAt && c.suspicious(seen):
		c.beginLook(seen, true)
	case seen.used < lookAt:
		c.learnBase(seen, now) // so few calls are a look
	default:
		c.windows++
		if c.base.calls > 0 && c.faster(seen, c.base, 3) {
			c.base = seen // the server has become faster
		}
		due := c.base.calls < 3*c.enough() || c.windows >= lookEvery
		switch {
		case due && c.allowed() <= int(c.min): // fewer are not possible
			c.learnBase(seen, now)
			c.adjust(seen, true)
		case due || c.windows > 3 && seen.mean > c.base.mean+alarming:
			c.beginLook(seen, due)
		default:
			c.adjust(seen, false)
		}
	}
}

// suspicious reports whether calls may be waiting for each other although the limit is not used up: it may
// be far too high, and there never were so many calls. When less than half of it is in use, it
// limits nothing, and a look would only hold up calls.
func (c *capacity) suspicious(seen level) bool {
	unknown := c.base.calls == 0 || seen.mean > c.base.mean+alarming
	return unknown && seen.used > halfUsed && c.allowed() > int(c.min)+1
}

// beginLook lets fewer calls through from here on than there were, to see whether that makes them faster.
func (c *capacity) beginLook(full level, sure bool) {
	c.full, c.sure, c.above = full, sure, full
	c.depth = lookAt
	if full.used < lookAt {
		c.depth *= full.used
	}
}

// look goes deeper while that makes calls faster.
func (c *capacity) look(seen level, now time.Duration) {
	switch faster := c.faster(seen, c.above, 2); {
	case faster && c.allowed() > int(c.min):
		c.above = seen
		c.depth /= 2
		return
	case !faster && c.depth < lookAt:
		seen = seen.and(c.above)
	}
	c.depth = 1
	c.learnBase(seen, now)
	c.adjust(c.full, c.sure)
}

// learnBase takes into account how long calls took without a queue: as one look of the last
// ten, or as the only one, if the server has changed.
func (c *capacity) learnBase(seen level, now time.Duration) {
	if c.base.calls == 0 {
		c.normal = seen.mean
	}
	switch different := c.faster(seen, c.base, 3) || c.faster(c.base, seen, 3); {
	case c.base.calls == 0 || different && math.Abs(seen.mean-c.base.mean) > alarming:
		c.base = seen
	case different:
		c.base.calls = min(c.base.calls, seen.calls)
		c.base = c.base.and(seen)
	default:
		c.base.calls = min(c.base.calls, 9*seen.calls)
		c.base = c.base.and(seen)
	}
	most := math.Ln2 * float64(min(now-c.looked, normalTwice)) / float64(normalTwice)
	c.normal += max(-most, min(most, c.base.mean-c.normal))
	c.looked, c.windows = now, 0
}

// adjust shrinks the limit if calls have waited for each other, half of the way to where they would
// not, and grows it if they have not and it was in use. Its steps grow for as long as that goes well.
func (c *capacity) adjust(seen level, sure bool) {
	sure = sure || c.queue
	waited := seen.mean - c.base.mean
	c.queue = waited > max(queued, c.nextStep()/2)
	switch {
	case c.queue && sure:
		if seen.used < lookAt {
			c.limit *= seen.used // the rest was not there to wait
		}
		c.limit = max(c.min, c.limit*math.Exp(-min(waited-queued, 1)/2))
		c.step = leastStep
	case c.queue: // once may be chance, or a pause of the server's
		c.step = leastStep
	case seen.used > inUse && c.ease() == 1:
		c.limit = min(c.max, c.limit*(1+c.nextStep()))
		c.step = min(mostStep, 1.5*c.step)
	}
}

func (c *capacity) nextStep() float64 { return max(c.step, 1/c.limit) }

// ease is the part of the limit that is used: all of it, unless even the fewest calls take more
// than twice the normal time, which no queue of this limit's explains; half of it if they take
// four times as long. So little is asked of a server that is in trouble; what is known of
// it is not forgotten, and when it has recovered all is as before.
//
// What is normal follows the base, by at most a factor of two in ten minutes. So an outage is
// over before it is normal, and a server that is slower for good is not spared for ever.
func (c *capacity) ease() float64 {
	if c.base.calls == 0 {
		return 1
	}
	return math.Exp(min(0, c.normal+math.Ln2-c.base.mean))
}
