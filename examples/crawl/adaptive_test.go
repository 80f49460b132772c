package main

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// twoAtOnce is a host that can do two things at once; the rest waits. It notes how many
// there were at the beginning of each.
type twoAtOnce struct {
	http.Handler
	places chan struct{}
	now    atomic.Int64
	mu     sync.Mutex
	found  []int64
}

func (h *twoAtOnce) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := h.now.Add(1)
	defer h.now.Add(-1)
	h.mu.Lock()
	h.found = append(h.found, now)
	h.mu.Unlock()
	h.places <- struct{}{}
	time.Sleep(100*time.Millisecond + rand.N(30*time.Millisecond)) // of fake time
	<-h.places
	h.Handler.ServeHTTP(w, r)
}

// The Adaptive finds out that more than two at once bring nothing.
func TestHostIsAskedForNoMoreThanItBears(t *testing.T) {
	h := &twoAtOnce{Handler: many(1500)}
	inBubble(t, map[string]http.Handler{"site": h}, func(t *testing.T, base *http.Transport) {
		h.places = make(chan struct{}, 2)
		status, o := inJSON(t, base, "-rate", "1e6", "-burst", "1000", "-concurrency", "16", "-timeout", "1m", "-pages", "2000", "http://site")
		require.Zero(t, status)
		require.Equal(t, 1501, o.Totals.Fetched)
		var sum int64
		for _, n := range h.found[1000:] {
			sum += n
		}
		require.Less(t, float64(sum)/float64(len(h.found)-1000), 4.0, "on average, and not 16")
	})
}
