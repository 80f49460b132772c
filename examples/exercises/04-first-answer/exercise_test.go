//go:build exercises

package exercise

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A crowd counts those of it who are still at work.
type crowd struct{ running atomic.Int64 }

// who answers after a while, unless cancelled. Then it takes another second to tidy up.
func (c *crowd) who(after time.Duration, answer string, err error) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		c.running.Add(1)
		defer c.running.Add(-1)
		select {
		case <-time.After(after):
			return answer, err
		case <-ctx.Done():
			time.Sleep(time.Second) // of fake time
			return "", ctx.Err()
		}
	}
}

func TestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c crowd
		start := time.Now()
		answer, err := First(context.Background(),
			c.who(5*time.Second, "slow", nil),
			c.who(1*time.Second, "", errors.New("I do not know")),
			c.who(2*time.Second, "quick", nil),
			c.who(3*time.Second, "not so quick", nil),
			c.who(time.Hour, "asleep", nil),
		)
		if answer != "quick" || err != nil {
			t.Errorf("the answer is %q, %v; wanted the quick one", answer, err)
		}
		if running := c.running.Load(); running != 0 {
			t.Errorf("First has returned, and %d losers are still at work", running)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("it took %v; wanted 3s: two for the answer, and one for the losers to tidy up", took)
		}
	})
}

func TestAllFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c crowd
		_, err := First(context.Background(),
			c.who(2*time.Second, "", errors.New("one")),
			c.who(1*time.Second, "", errors.New("two")),
		)
		if err == nil || err.Error() != "one\ntwo" {
			t.Errorf("the error is %v; wanted one and two", err)
		}
	})
}

func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		enough, start := errors.New("enough"), time.Now()
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(enough) })
		var c crowd
		_, err := First(ctx, c.who(time.Hour, "", nil), c.who(time.Hour, "", nil))
		if !errors.Is(err, enough) {
			t.Errorf("the error is %v; wanted the cause, %v", err, enough)
		}
		if took := time.Since(start); took != 2*time.Second || c.running.Load() != 0 {
			t.Errorf("it took %v, and %d are still at work; wanted 2s, and none", took, c.running.Load())
		}
	})
}
