// Package twin looks up what a flight and a hotel cost, at the same time.
package twin

import (
	"context"

	"github.com/braidgo/braid/fanout"
)

// Total runs both, and waits for both.
func Total(ctx context.Context, flight, hotel func(context.Context) int) int {
	var f, h int
	err := fanout.All(ctx,
		func(ctx context.Context) error { f = flight(ctx); return nil },
		func(ctx context.Context) error { h = hotel(ctx); return nil })
	if err != nil {
		return 0
	}
	return f + h
}
