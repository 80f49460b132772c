// Package retry tests what takes an hour, in no time: in a bubble of testing/synctest.
package retry

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Do calls f until it succeeds, and waits between the calls, each time twice as long.
func Do(ctx context.Context, pause time.Duration, f func() error) error {
	for f() != nil {
		select {
		case <-time.After(pause):
			pause *= 2
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// In a bubble the clock stands still while anybody runs. When all wait, it is set forward to
// the first of the times that they wait for. So the test is over at once, and it is exact.
func TestPausesAreDoubled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, calls := time.Now(), 0
		err := Do(t.Context(), time.Minute, func() error {
			calls++
			t.Log("call", calls, "after", time.Since(start))
			if calls < 4 {
				return errors.New("not yet")
			}
			return nil
		})
		if err != nil || time.Since(start) != 7*time.Minute { // 1 + 2 + 4, to the nanosecond
			t.Error(err, time.Since(start))
		}
	})
}

// Wait returns when all others in the bubble wait: no sleep "until it should be ready". A
// bubble whose goroutines wait for each other is a deadlock, and reported as such.
func TestGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closing := errors.New("closing time")
		ctx, stop := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- Do(ctx, time.Hour, func() error { return errors.New("not yet") }) }()
		synctest.Wait() // now Do is in its first pause
		stop(closing)
		if err := <-ended; err != closing {
			t.Error(err)
		}
	})
}
