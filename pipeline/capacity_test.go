package pipeline

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCapacityFollowsTheWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c capacity
		c.init(8, 100)
		waits := func(d time.Duration) int64 {
			var g gate
			g.open(1)
			var over atomic.Bool
			time.AfterFunc(d, func() { over.Store(true); g.notify() })
			c.await(&g, nil, over.Load)
			return c.now.Load()
		}
		var got []int64
		for _, d := range []time.Duration{1, 1, time.Microsecond, 100 * time.Microsecond, 1, 5 * time.Millisecond, time.Second, time.Second, time.Hour, time.Hour, 1} {
			got = append(got, waits(d))
		}
		require.Equal(t, []int64{16, 32, 64, 100, 100, 100, 50, 25, 12, 8, 16}, got)
		c.init(8, 8)
		require.EqualValues(t, 8, waits(1), "the user's own choice")
	})
}
