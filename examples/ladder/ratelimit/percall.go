package ratelimit

import (
	"context"
	"sync/atomic"
)

// PerCall makes a limiter where it needs one, as is good style with most things: that of
// xtime.go, which is a good one. A new limiter is full, and admits a burst. So is the next
// call's: nothing is limited at all.
//
// It is seldom as plain as here. The limiter is made in a handler, for each request; or by a
// goroutine when it starts, so that a hundred workers are admitted a hundred times as much; or in
// the constructor of a client that is made for each call. Every test of one call is good. With
// a bucket that a goroutine fills, each call would also leave that goroutine behind.
//
// The cure is to make it once, beside what it protects, and to hand it to everybody: the next
// rungs do.
type PerCall struct {
	perSecond atomic.Int64
	burst     int
}

func NewPerCall(perSecond, burst int) Limiter {
	l := &PerCall{burst: burst}
	l.SetRate(perSecond)
	return l
}

func (l *PerCall) AllowN(n int) bool { return l.limiter().AllowN(n) }

func (l *PerCall) Wait(ctx context.Context) error { return l.limiter().Wait(ctx) }

func (l *PerCall) SetRate(perSecond int) { l.perSecond.Store(int64(perSecond)) }

// limiter is the mistake.
func (l *PerCall) limiter() Limiter { return NewXTime(int(l.perSecond.Load()), l.burst) }
