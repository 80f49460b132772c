package ratelimit

import (
	"context"

	"github.com/braidgo/braid/ratelimit"
)

// Braid leaves the work to braid's ratelimit. Instead of tokens it keeps one time, when the
// limiter will be full again: there is nothing to be refilled, and an old reading of the clock
// gains nothing. Its fractions are exact. Who waits stands in a line, of which only the first has
// a timer, so whoever leaves, and whatever the rate is changed to, the others move up.
type Braid struct{ limiter *ratelimit.Limiter }

func NewBraid(perSecond, burst int) Limiter {
	return Braid{ratelimit.New(ratelimit.PerSecond(int64(perSecond)), int64(burst))}
}

// AllowN has no clock to ask for: the limiter reads its own. A negative n panics.
func (l Braid) AllowN(n int) bool { return l.limiter.AllowN(int64(n)) }

func (l Braid) Wait(ctx context.Context) error { return l.limiter.Wait(ctx) }

func (l Braid) SetRate(perSecond int) {
	l.limiter.SetLimit(ratelimit.PerSecond(int64(perSecond)), l.limiter.Burst())
}
