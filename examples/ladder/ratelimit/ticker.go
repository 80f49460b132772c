package ratelimit

import (
	"context"
	"time"
)

// Ticker lets an event happen for each tick. As long as everybody can wait and nobody comes in
// bursts, that is all there is to it: the channel of a ticker is a queue, first come, first
// served, and select obeys a context.
//
// What it has no answer to: a ticker keeps one tick, so whoever comes after an hour of rest
// gets one event and not a burst. It takes ticks one by one, so a request for five may take
// three of them and be refused. It does not know when the turn of a caller will be, and lets it
// wait for what comes too late. And its interval is in whole nanoseconds, which a third of a
// second is not: it ticks a little too often, for ever.
//
// Before Go 1.23 each ticker had to be stopped, or it ticked until the program ended. One that
// nobody holds is garbage now, unless a goroutine ranges over its channel: Stop does not close
// that.
type Ticker struct{ ticker *time.Ticker }

// NewTicker has no use for a burst.
func NewTicker(perSecond, _ int) Limiter {
	return Ticker{time.NewTicker(time.Second / time.Duration(perSecond))}
}

func (l Ticker) AllowN(n int) bool {
	for range n {
		select {
		case <-l.ticker.C:
		default:
			return false // and the ticks before this one are gone
		}
	}
	return true
}

func (l Ticker) Wait(ctx context.Context) error {
	select { // where ctx is dead and a tick is there, it takes either
	case <-l.ticker.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (l Ticker) SetRate(perSecond int) { l.ticker.Reset(time.Second / time.Duration(perSecond)) }
