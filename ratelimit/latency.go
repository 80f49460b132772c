package ratelimit

import (
	"math"
	"time"
)

// A window is long enough when the mean is known to within precision (one standard deviation);
// while the limit grows in larger steps, to within a part of the step.
const (
	precision, coarse      = 0.03, 0.08
	fewestCalls, mostCalls = 20, 1500
	leastTime              = 100 * time.Millisecond // so that a hiccup is not all of it
)

// window is what was measured since start.
type window struct {
	start        time.Duration
	calls        float64 // that succeeded
	sum, squares float64 // of the logarithms of their latencies
	failed       float64 // calls
	inFlight     float64 // calls × nanoseconds
}

// level is how long calls took.
type level struct {
	calls, mean float64
	used        float64 // the part of what was let through that was in flight
}

func (w *window) add(latency time.Duration, failed bool) {
	if failed {
		w.failed++
		return
	}
	logarithm := math.Log(float64(max(latency, 1)))
	w.calls++
	w.sum += logarithm
	w.squares += logarithm * logarithm
}

// level is that of the window, which ends now.
func (w *window) level(now time.Duration, allowed int) level {
	return level{w.calls, w.sum / w.calls, w.inFlight / float64(now-w.start) / float64(allowed)}
}

// and is the level of the calls of both.
func (a level) and(b level) level {
	calls := a.calls + b.calls
	a.mean += (b.mean - a.mean) * b.calls / calls
	a.calls = calls
	return a
}

// deviation is the standard deviation of the logarithms.
func (w *window) deviation() float64 {
	mean := w.sum / w.calls
	return math.Sqrt(max(0, w.squares/w.calls-mean*mean))
}

// overloaded reports whether more calls fail than may, and that is not chance.
func (w *window) overloaded() bool {
	all := w.failed + w.calls
	return all >= fewestCalls/2 && w.failed > failing*all+3*math.Sqrt(failing*all)
}

// complete reports whether the window is long enough, or it is plain already that calls are
// slower, or faster, than the base.
func (c *capacity) complete(now time.Duration) bool {
	w := &c.window
	if w.calls < fewestCalls || now-w.start < leastTime {
		return false
	}
	if w.calls >= c.enough() {
		return true
	}
	change := w.sum/w.calls - c.base.mean
	plain := alarming + 5*c.noise(w.calls)
	return c.base.calls > 0 && (change < -plain || change > plain && c.depth == 1)
}

// enough is how many calls make a window: the more the more their latencies scatter.
func (c *capacity) enough() float64 {
	deviations := c.scatter / min(max(precision, c.nextStep()/4), coarse)
	if c.depth < lookAt {
		deviations = c.scatter / coarse
	}
	return min(max(fewestCalls, deviations*deviations), mostCalls)
}

// noise is the standard deviation of a mean of so many calls.
func (c *capacity) noise(calls float64) float64 { return c.scatter / math.Sqrt(calls) }

// faster reports whether calls of a took less time than those of b, by more than so many
// standard deviations.
func (c *capacity) faster(a, b level, deviations float64) bool {
	return a.mean < b.mean-max(precision, deviations*math.Hypot(c.noise(a.calls), c.noise(b.calls)))
}
