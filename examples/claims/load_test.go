package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serve starts a server for load tests, which must not depend on its keeping connections.
func serve(t *testing.T, handler http.HandlerFunc) string {
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

func TestLoadCounts(t *testing.T) {
	var n atomic.Int64
	var mu sync.Mutex
	books := map[string]int{}
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		books[r.URL.Path]++
		mu.Unlock()
		switch n.Add(1) % 10 {
		case 0:
			w.WriteHeader(http.StatusTooManyRequests)
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	r, err := load{
		URL:    url,
		Route:  "/books/%d",
		Books:  5,
		Rate:   1000,
		For:    200 * time.Millisecond,
		AtOnce: 4,
		Within: 10 * time.Second,
	}.start(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, 200, r.Meant)
	require.Equal(t, r.Sent, r.Good+r.Late+r.Refused+r.Wrong+r.Broken)
	require.LessOrEqual(t, r.Sent, r.Meant)
	require.InDelta(t, 2*r.Sent/10, r.Refused, 2)
	require.InDelta(t, r.Sent/10, r.Wrong, 1)
	require.Contains(t, r.Example, "500")
	require.Zero(t, r.Late+r.Broken)
	for path := range books {
		require.Regexp(t, `^/books/[1-5]$`, path)
	}
	require.LessOrEqual(t, r.AtOnce, 4+1)
	require.LessOrEqual(t, r.P50, r.P99)
	require.LessOrEqual(t, r.P99, r.Max)
	require.EqualValues(t, 0.2, r.Seconds)
}

// A request that waits for a free connection waits for the service: that is its latency, though
// each answer alone is quick.
func TestLoadIsTimedFromWhenItWasMeant(t *testing.T) {
	const each = 20 * time.Millisecond
	// The load is a client of real sockets, in real time. This is how slow the service is; nothing waits for it to pass.
	url := serve(t, func(http.ResponseWriter, *http.Request) { time.Sleep(each) })
	// One connection does 50 requests a second at most; 100 are meant to be sent.
	r, err := load{
		URL:    url,
		Route:  "/",
		Books:  1,
		Rate:   100,
		For:    time.Second,
		AtOnce: 1,
		Within: 10 * time.Second,
	}.start(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, 100, r.Meant)
	require.Less(t, r.Sent, 60, "the rest had no connection until the end")
	require.Greater(t, time.Duration(r.Max), 300*time.Millisecond, "the last waited for those before it")
	require.Greater(t, time.Duration(r.Behind), 300*time.Millisecond)
	require.False(t, r.sustained())

	o := load{URL: url, Route: "/", Books: 1, Rate: 100, For: time.Second, AtOnce: 1, Within: 300 * time.Millisecond}
	r, err = o.start(t.Context(), nil)
	require.NoError(t, err)
	require.Positive(t, r.Late, "those that waited too long, though the service took no longer")
}

func TestLoadSkips(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) {})
	r, err := load{
		URL:    url,
		Route:  "/",
		Books:  1,
		Rate:   100,
		For:    400 * time.Millisecond,
		Skip:   300 * time.Millisecond,
		AtOnce: 2,
		Within: 10 * time.Second,
	}.start(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, 10, r.Meant)
	require.LessOrEqual(t, r.Good, 10)
	require.InDelta(t, 0.1, r.Seconds, 1e-9)
}

func TestLoadGoesAwayInTime(t *testing.T) {
	release := make(chan struct{}) // closed when the clients have gone
	url := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	r, err := load{
		URL:    url,
		Route:  "/",
		Books:  1,
		Rate:   20,
		For:    100 * time.Millisecond,
		AtOnce: 4,
		Within: 50 * time.Millisecond,
	}.start(t.Context(), nil)
	close(release)
	require.NoError(t, err)
	require.Zero(t, r.Good+r.Late)
	require.Equal(t, r.Sent, r.Broken)
	require.NotEmpty(t, r.Example)
}

func TestLoadRefusesNonsense(t *testing.T) {
	var stderr strings.Builder
	require.Equal(t, 1, runLoad(t.Context(), []string{"-rate", "0"}, &strings.Builder{}, &stderr))
	require.Contains(t, stderr.String(), "-rate, -books and -at-once must be at least 1")
	require.Equal(t, 2, runLoad(t.Context(), []string{"-nonsense"}, &strings.Builder{}, &stderr))
}

func TestPaceIsEven(t *testing.T) {
	p := pace{interval: 10 * time.Millisecond, count: 3, until: time.Second}
	for _, c := range []struct {
		elapsed time.Duration
		hits    uint64
		wait    time.Duration
		stop    bool
	}{
		{0, 0, 0, false},
		{time.Millisecond, 1, 9 * time.Millisecond, false},
		{25 * time.Millisecond, 2, -5 * time.Millisecond, false},
		{26 * time.Millisecond, 3, 0, true},
	} {
		wait, stop := p.Pace(c.elapsed, c.hits)
		require.Equal(t, c.wait, wait)
		require.Equal(t, c.stop, stop)
	}
	require.Equal(t, 5*time.Millisecond, p.behind)
	_, stop := p.Pace(2*time.Second, 1)
	require.True(t, stop, "it gives up at the end of its time")
}

func TestSustained(t *testing.T) {
	for name, c := range map[string]struct {
		loaded
		want bool
	}{
		"all, at once":           {loaded{Meant: 1000, Good: 1000, P99: 1e6}, true},
		"one in a thousand lost": {loaded{Meant: 1000, Good: 999, P99: 1e8}, true},
		"two in a thousand lost": {loaded{Meant: 1000, Good: 998, P99: 1e6}, false},
		"slow":                   {loaded{Meant: 1000, Good: 1000, P99: 1e8 + 1}, false},
	} {
		require.Equal(t, c.want, c.sustained(), name)
	}
}

func TestQuantile(t *testing.T) {
	var sorted []time.Duration
	for i := range 1000 {
		sorted = append(sorted, time.Duration(i+1))
	}
	require.EqualValues(t, 500, quantile(sorted, 0.5))
	require.EqualValues(t, 990, quantile(sorted, 0.99))
	require.EqualValues(t, 1000, quantile(sorted, 1))
	require.EqualValues(t, 1, quantile(sorted[:1], 0.99))
	require.Zero(t, quantile(nil, 0.5))
}
