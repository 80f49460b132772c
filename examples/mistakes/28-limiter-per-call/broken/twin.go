// Package twin asks a service that can bear one question a second.
package twin

import (
	"context"

	"github.com/braidgo/braid/ratelimit"
)

// A Client asks.
type Client struct{}

// Ask makes a limiter where it needs one. A new limiter lets the first call through, and this is
// always the first.
func (c *Client) Ask(ctx context.Context, ask func() error) error {
	limiter := ratelimit.New(ratelimit.PerSecond(1), 1)
	if err := limiter.Wait(ctx); err != nil {
		return err
	}
	return ask()
}
