// Package twin asks a service that can bear one question a second.
package twin

import (
	"context"
	"sync"

	"github.com/braidgo/braid/ratelimit"
)

// A Client asks. It is made once for all who ask the same service, and so is its limiter.
type Client struct {
	once    sync.Once
	limiter *ratelimit.Limiter
}

// Ask waits for its turn.
func (c *Client) Ask(ctx context.Context, ask func() error) error {
	c.once.Do(func() { c.limiter = ratelimit.New(ratelimit.PerSecond(1), 1) })
	if err := c.limiter.Wait(ctx); err != nil {
		return err
	}
	return ask()
}
