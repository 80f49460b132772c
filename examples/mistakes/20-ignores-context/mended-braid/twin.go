// Package twin waits for a server to start.
package twin

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/braidgo/braid/pipeline"
)

var errNotReady = errors.New("not ready")

// Wait leaves it to Retry to wait for the next attempt, a minute at most, or the context. How long
// it waits is random, lest all that wait for the server ask it at the same moment.
func Wait(ctx context.Context, ready func() bool) error {
	ask := func(context.Context, struct{}) (struct{}, error) {
		if !ready() {
			return struct{}{}, errNotReady
		}
		return struct{}{}, nil
	}
	patient := pipeline.Backoff{Attempts: math.MaxInt, Base: time.Minute, Max: time.Minute}
	_, err := pipeline.Retry(ask, patient)(ctx, struct{}{})
	return err
}
