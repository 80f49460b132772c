package ratelimit

import (
	"math"
	"time"
)

// Finding the capacity
//
// While a server has room, a call takes as long as it takes, however many others there are: the
// base. From some number on, its capacity, calls wait for each other. Each one more makes all of
// them slower, and no more of them get done.
//
//	latency
//	   │                     ╱
//	   │                   ╱   calls wait
//	   │   no queue      ╱
//	base ──────────────●
//	   │   ╎           ╎ ╎
//	   └───┴───────────┴─┴─────────▶ calls in flight
//	     depth         limit
//
// So the limit grows for as long as calls take no longer than the base, and shrinks
// when they do. That is done in windows: let things settle after a change of the limit, measure some calls, decide.
// All depends on the base, and what it is must neither be guessed from a time when calls have waited, nor
// be remembered from a time when the server was another. So it is looked for, all the
// time anew: in every tenth window only 3/4 of the limit are let through. If
// calls are faster then, there was a queue, and it looks at 3/4 of that, and so on, until
// fewer calls are not faster any more.
//
// What others do, and why this does not:
//   - The least latency ever seen as the base (TCP Vegas, BBR): one lucky call sets it for good. Here
//     it is a mean, and is compared with another mean.
//   - A moving average as the base (Netflix's Gradient2): it takes an outage, or a queue of
//     its own making, for normal, and then grows without end.
//   - A product of throughput and base (BBR): the same in the end, and an error of the base becomes
//     one of the limit. Here only the sign of a difference counts, so errors of single windows cancel out.
//
// An outage in which all calls are slow, however few, has no queue to be seen. Then the
// limit goes by what is normal in the long run: see ease.

// What is compared are means of the logarithms of latencies. A call ten times slower than the
// others then weighs little, and the fast ones, on which a queue shows best, as much as the slow ones:
// a tenth of the calls tell as much as they would with a mean of latencies. A difference of
// 0.03 is a factor of 1.03.
const (
	queued    = 0.03 // so much slower than the base: there is a queue
	alarming  = 0.2  // so much slower: is that a queue, or has the server changed? look now
	precision = 0.03 // windows are long enough to know a mean to within this (one standard deviation)

	leastStep, mostStep = 0.02, 0.5 // the limit grows by such a part of itself

	windowTime     = 100 * time.Millisecond // a window is at least as long, so that a hiccup is not all of it
	fewestCalls    = 20                     // calls in a window
	mostCalls      = 1000
	coarse         = 0.08
	windowsBetween = 10 // two looks at the base
	normalDoubles  = 10 * time.Minute
	lookAt         = 0.75 // of the limit, to see the base
	failing        = 0.1  // more failed calls than this part: overload
	inUse          = 0.9  // the limit grows only if calls see so much of it in flight
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

	window  window
	settled time.Duration // before that the effect of the last change is not complete
	settles time.Duration // how long that takes
	begun   bool          // there was a window
	full    level         // while it looks for the base: what was seen at depth 1
	above   level         // and at the depth before this one
	windows int           // at depth 1 since the base was seen
	seen    time.Duration // when that was
}

// level is how long calls took.
type level struct {
	calls, mean float64
	used        float64 // the part of what was let through that calls saw in flight, on average
}

// window is what was measured since start.
type window struct {
	start        time.Duration
	calls        float64 // that succeeded
	sum, squares float64 // of the logarithms of their latencies
	failed       float64 // calls
	inFlight     float64 // as seen by each call, added up
}

func newCapacity(min, max, initial int) capacity {
	return capacity{min: float64(min), max: float64(max), limit: float64(initial), step: mostStep, depth: 1, scatter: 1, settles: windowTime}
}

// known is the limit as far as is known.
func (c *capacity) known() int { return int(max(c.min, c.limit*c.ease())) }

// allowed is how many calls are to be let through now.
func (c *capacity) allowed() int { return int(max(c.min, c.limit*c.ease()*c.depth)) }

// learn takes into account a call that has ended, and reports whether that has decided anything.
func (c *capacity) learn(now, latency time.Duration, inFlight int, failed bool) (decided bool) {
	w := &c.window
	if now < c.settled {
		w.start = now
		return false
	}
	w.add(latency, inFlight, failed)
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

// overloaded reports whether more calls fail than may be, by more than chance.
func (w *window) overloaded() bool {
	all := w.failed + w.calls
	return all >= fewestCalls/2 && w.failed > failing*all+3*math.Sqrt(failing*all)
}

func (w *window) add(latency time.Duration, inFlight int, failed bool) {
	w.inFlight += float64(inFlight)
	if failed {
		w.failed++
		return
	}
	logarithm := math.Log(float64(max(latency, 1)))
	w.calls++
	w.sum += logarithm
	w.squares += logarithm * logarithm
}

// complete reports whether the window is long enough. The more latencies scatter, the more
// calls it takes; fewer while the steps are large, or when it is plain already that calls wait.
func (c *capacity) complete(now time.Duration) bool {
	w := &c.window
	if w.calls < fewestCalls || now-w.start < windowTime {
		return false
	}
	if w.calls >= c.enough() {
		return true
	}
	seen := level{calls: w.calls, mean: w.sum / w.calls}
	change, plain := seen.mean-c.base.mean, alarming+5*c.noise(seen)
	return c.base.calls > 0 && (change < -plain || change > plain && c.depth == 1)
}

// enough is how many calls make a window.
func (c *capacity) enough() float64 {
	precise := c.scatter / min(max(precision, c.nextStep()/4), coarse)
	return min(max(fewestCalls, precise*precise), mostCalls)
}

// nextStep is the part of the limit by which it will grow: at least by a call.
func (c *capacity) nextStep() float64 { return max(c.step, 1/c.limit) }

// decide what comes next, at the end of a window.
func (c *capacity) decide(now time.Duration) {
	w := &c.window
	seen := level{calls: w.calls, mean: w.sum / w.calls}
	seen.used = w.inFlight / (w.calls + w.failed) / float64(c.allowed())
	deviation := math.Sqrt(max(0, w.squares/w.calls-seen.mean*seen.mean))
	c.scatter = max(deviation, c.scatter/2)
	unsettled := !c.begun
	c.begun = true
	c.settles = time.Duration(math.Exp(seen.mean + 2*c.scatter)) // nearly all calls take less

	switch {
	case unsettled: // the first window has shown how long calls take, no more
	case c.depth < 1:
		c.lookDeeper(seen, now)
	case seen.used < lookAt:
		c.see(seen, now) // few calls: no queue
	default:
		c.windows++
		if c.base.calls > 0 && c.faster(seen, c.base, 3) {
			c.base = seen // the server has become faster
		}
		if c.doubtful(seen) {
			c.full, c.above, c.depth = seen, seen, lookAt
		} else {
			c.adjust(seen)
		}
	}
}

// noise is the standard deviation of the mean of a level.
func (c *capacity) noise(a level) float64 { return c.scatter / math.Sqrt(a.calls) }

// faster reports whether calls of a took less time than those of b, by more than so many
// standard deviations, which is more than chance.
func (c *capacity) faster(a, b level, deviations float64) bool {
	return a.mean < b.mean-max(precision, deviations*math.Hypot(c.noise(a), c.noise(b)))
}

// doubtful reports whether it is time to look for the base.
func (c *capacity) doubtful(seen level) bool {
	return c.base.calls == 0 || c.windows >= windowsBetween ||
		c.base.calls < 3*c.enough() ||
		c.windows > 3 && seen.mean > c.base.mean+alarming
}

// lookDeeper goes on looking for the base while fewer calls are faster.
func (c *capacity) lookDeeper(seen level, now time.Duration) {
	if c.faster(seen, c.above, 2) && c.allowed() > int(c.min) {
		c.above = seen
		c.depth /= 2
		return
	}
	c.depth = 1
	c.see(seen, now)
	c.adjust(c.full)
}

// see takes into account how long calls took without a queue: as one of several such
// looks, or as the only one, if the server has changed.
func (c *capacity) see(seen level, now time.Duration) {
	if c.base.calls == 0 {
		c.normal = seen.mean
	}
	if c.base.calls == 0 || c.faster(seen, c.base, 3) || c.faster(c.base, seen, 3) {
		c.base = seen
	} else {
		before := min(c.base.calls, 4*seen.calls)
		c.base.calls = before + seen.calls
		c.base.mean += (seen.mean - c.base.mean) * seen.calls / c.base.calls
	}
	// A look counts for the time since the one before, but a rest shows nothing.
	most := math.Ln2 * float64(min(now-c.seen, time.Minute)) / float64(normalDoubles)
	c.normal += max(-most, min(most, c.base.mean-c.normal))
	c.seen = now
	c.windows = 0
}

// adjust has the limit shrink if calls have waited for each other, by half of what that took; and else
// grow, in steps that grow as well while all goes well, provided that it was in use.
func (c *capacity) adjust(seen level) {
	waited := seen.mean - c.base.mean
	switch {
	case waited > max(queued, c.nextStep()/2):
		c.limit = max(c.min, c.limit*math.Exp(-(min(waited, 2*math.Ln2)-queued)/2))
		c.step = leastStep
	case seen.used > inUse && c.ease() == 1:
		c.limit = min(c.max, c.limit*(1+c.nextStep()))
		c.step = min(mostStep, 1.5*c.step)
	}
}

// ease is the part of the limit that is used: all of it, unless even the fewest calls take more
// than twice the normal time; half of it if they take four times as long. So little is asked of
// a server that is in trouble, what is known of it is not forgotten, and when it
// has recovered all is as before.
//
// What is normal follows the base, by at most a factor of two in ten minutes. So an outage is
// over before it is normal, and a server that is slower for good is not spared for ever.
func (c *capacity) ease() float64 {
	if c.base.calls == 0 {
		return 1
	}
	return math.Exp(min(0, c.normal+math.Ln2-c.base.mean))
}
