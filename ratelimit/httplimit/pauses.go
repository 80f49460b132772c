package httplimit

import (
	"context"
	"sync"
	"time"

	"github.com/braidgo/braid/ratelimit"
)

// maxHosts is how many hosts can be paused at once.
const maxHosts = 1024

// pauses are the hosts that have asked to be left alone, and until when.
type pauses struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// add pauses a host for d, or longer if it was paused already.
func (p *pauses) add(host string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	until, known := p.until[host]
	if !known && len(p.until) == maxHosts {
		p.makeRoom()
	}
	if end := time.Now().Add(d); end.After(until) {
		p.until[host] = end
	}
}

// makeRoom forgets the pause that ends first, or ended first.
func (p *pauses) makeRoom() {
	var first string
	var end time.Time
	for host, until := range p.until {
		if end.IsZero() || until.Before(end) {
			first, end = host, until
		}
	}
	delete(p.until, first)
}

// left is how long the pause of a host still lasts. It is not positive if there is none.
func (p *pauses) left(host string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(p.until[host])
}

// wait blocks until a host is not paused. It fails at once if ctx ends before that.
func (p *pauses) wait(ctx context.Context, host string) error {
	for {
		left := p.left(host)
		if left <= 0 {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= left {
			return &ratelimit.WaitError{Needed: left}
		}
		select {
		case <-time.After(left): // look again: the pause may have become longer
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
