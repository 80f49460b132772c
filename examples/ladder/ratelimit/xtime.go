package ratelimit

import (
	"cmp"
	"context"
	"time"

	"golang.org/x/time/rate"
)

// XTime leaves the work to golang.org/x/time/rate, a bucket of tokens that nobody fills:
// whoever comes counts what has dripped into it since somebody came last. Who waits is told
// for how long, and sleeps; no other goroutine is needed. For most programs that is enough.
//
// What it cannot survive: the clock is the caller's. When one that was held up comes with an
// old reading, the bucket goes back to that time, and the next caller finds what has dripped
// since then a second time. A negative n puts tokens into the bucket. Who sleeps is not told of
// a new rate, nor that somebody before it has given up: fifty who have left delay whoever comes
// next as if they had not. And the error of a deadline that comes too soon is not a
// context.DeadlineExceeded.
type XTime struct{ limiter *rate.Limiter }

func NewXTime(perSecond, burst int) Limiter {
	return XTime{rate.NewLimiter(rate.Limit(perSecond), burst)}
}

// AllowN does what rate.Limiter.Allow does: it reads the clock, and then asks.
func (l XTime) AllowN(n int) bool { return l.AllowAt(time.Now(), n) }

func (l XTime) AllowAt(now time.Time, n int) bool { return l.limiter.AllowN(now, n) }

// Wait returns why the context is dead, which the limiter does not say.
func (l XTime) Wait(ctx context.Context) error {
	err := l.limiter.Wait(ctx)
	if err != nil {
		return cmp.Or(context.Cause(ctx), err)
	}
	return nil
}

func (l XTime) SetRate(perSecond int) { l.limiter.SetLimit(rate.Limit(perSecond)) }
