package ratelimit

import (
	"fmt"
	"math"
	"time"

	"github.com/braidgo/braid/internal/argument"
)

// Rate is how many events there may be in a time: 100 per minute is not 5/3 per second
// rounded, but exactly that. The zero Rate never refills: what a burst allows is
// all there will ever be.
type Rate struct {
	events, period uint64 // without a common divisor; period in nanoseconds
}

// Unlimited is the rate that is never exceeded. With it a limiter admits everything,
// whatever its burst.
var Unlimited = Rate{events: 1}

// Per is the rate of n events in each d. It panics if n or d is less than one.
func Per(n int64, d time.Duration) Rate {
	argument.AtLeast("ratelimit.Per", "n", n, 1)
	argument.Duration("ratelimit.Per", "d", d, 1)
	common := gcd(uint64(n), uint64(d))
	return Rate{uint64(n) / common, uint64(d) / common}
}

// PerSecond is the rate of n events in each second. It panics if n is less than one.
func PerSecond(n int64) Rate {
	argument.AtLeast("ratelimit.PerSecond", "n", n, 1)
	return Per(n, time.Second)
}

// Every is the rate of one event in each d. It panics if d is less than a nanosecond.
func Every(d time.Duration) Rate {
	argument.Duration("ratelimit.Every", "d", d, 1)
	return Per(1, d)
}

// String is the rate as a fraction in lowest terms: "1 per 600ms" for Per(100, time.Minute).
func (r Rate) String() string {
	switch {
	case r.events == 0:
		return "never"
	case r.period == 0:
		return "unlimited"
	}
	return fmt.Sprintf("%d per %v", r.events, time.Duration(min(r.period, math.MaxInt64)))
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
