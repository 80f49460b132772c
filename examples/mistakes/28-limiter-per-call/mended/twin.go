// Package twin asks a service that can bear one question a second.
package twin

import (
	"context"
	"sync"
	"time"
)

// A Client asks. It is made once for all who ask the same service.
type Client struct {
	mu   sync.Mutex // guards next
	next time.Time  // no question before that
}

// Ask takes the next second that is free, and waits for it.
func (c *Client) Ask(ctx context.Context, ask func() error) error {
	select {
	case <-time.After(c.wait()):
		return ask()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *Client) wait() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); c.next.Before(now) {
		c.next = now
	}
	mine := c.next
	c.next = mine.Add(time.Second)
	return time.Until(mine)
}
