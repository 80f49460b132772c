package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// The whole bench but the network, in fake time: all that takes time here is
// what the stand-ins take.
func TestHedgingLowersTheSlowestTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const hedgeAfter, never = 10 * ms, time.Hour
		contend := func(by string, after time.Duration) *contender {
			var handlers []http.Handler
			for _, s := range alike() {
				handlers = append(handlers, s.handler())
			}
			g := inMemory(t, after, handlers...)
			return &contender{ask: func(ctx context.Context, item string) (int, error) {
				w := ask(ctx, g, "/item/"+item+"?by="+by)
				if w.Code != http.StatusOK {
					return 0, errors.New(w.Body.String())
				}
				return strconv.Atoi(w.Header().Get("Gateway-Asked"))
			}}
		}
		one, hedge, first := contend("hedge", never), contend("hedge", hedgeAfter), contend("first", never)
		require.NoError(t, measure(t.Context(), load{rounds: 5, requests: 1000, every: ms}, []*contender{one, hedge, first}))
		for _, c := range []*contender{one, hedge, first} {
			require.Equal(t, 5000, c.requests())
			require.Empty(t, c.failed)
			require.Zero(t, c.late)
			require.LessOrEqual(t, c.percentile(500), 3*ms)
		}
		// Of 100 answers two are slow, so the slowest of 100 is.
		require.GreaterOrEqual(t, one.percentile(990), 20*ms)
		require.Equal(t, 1.0, one.cost())
		// Two are asked for again. That of those, too, two in 100 are slow does not show yet.
		require.LessOrEqual(t, hedge.percentile(990), hedgeAfter+3*ms)
		require.InDelta(t, 1.02, hedge.cost(), 0.01)
		require.LessOrEqual(t, first.percentile(990), 3*ms)
		require.Equal(t, 3.0, first.cost())
	})
}

func TestRequestsAreSentWhenTheyAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := contender{ask: func(context.Context, string) (int, error) {
			time.Sleep(time.Second)
			return 1, nil
		}}
		require.NoError(t, c.run(t.Context(), "0", load{requests: atOnce + 100, every: ms}))
		took := c.took[0] // sorted
		for i, took := range took[:atOnce] {
			require.Equal(t, time.Second, took, "request %d waits for nobody", i)
		}
		for _, took := range took[atOnce:] { // each until one of the first has ended, and for its own answer
			require.Equal(t, 2*time.Second-atOnce*ms, took, "the time it had to wait counts")
		}
		require.Equal(t, 100, c.late)
	})
}

func TestBench(t *testing.T) {
	var stdout bytes.Buffer
	require.NoError(t, bench(t.Context(), load{rounds: 2, requests: 50, every: 2 * ms}, 5*ms, &stdout))
	text, table, found := strings.Cut(stdout.String(), "shown.\n\n")
	require.True(t, found)
	require.Contains(t, text, "100 requests each way, in 2 rounds by turns, 500 a second")
	lines := strings.Split(table, "\n")
	for i, c := range []struct {
		name  string
		least float64
		most  float64
	}{
		{"one replica", 1, 1}, {"hedge after 5ms", 1, 3}, {"first of three", 3, 3},
	} {
		figures, found := strings.CutPrefix(lines[1+i], c.name)
		require.True(t, found, lines[1+i])
		var p50, p99, p999, cost float64
		var failed int
		_, err := fmt.Sscan(figures, &p50, &p99, &p999, &cost, &failed)
		require.NoError(t, err, lines[1+i])
		require.GreaterOrEqual(t, p50, 1.0, "no stand-in is quicker")
		require.LessOrEqual(t, p50, p99)
		require.LessOrEqual(t, p99, p999)
		require.GreaterOrEqual(t, cost, c.least)
		require.LessOrEqual(t, cost, c.most)
		require.Zero(t, failed)
	}
	require.Contains(t, table, "\nHedging: a p99 of ")
	for line := range strings.SplitSeq(stdout.String(), "\n") {
		require.LessOrEqual(t, len(line), 80, line)
	}
}

func TestWrongAnswersAreFailures(t *testing.T) {
	for name, c := range map[string]struct {
		replica http.HandlerFunc
		says    string
	}{
		"no answer":        {fails, "tea: 502 Bad Gateway: input 0"},
		"another's answer": {says(valueOf("tea") + 1), `tea: 200 OK: {"value":338}`},
		"not a number":     {says("x"), `tea: 200 OK: {"value":"x"}`},
	} {
		t.Run(name, func(t *testing.T) {
			_, at := onLoopback(t, nil, c.replica)
			transport := newTransport()
			defer transport.CloseIdleConnections()
			_, err := askGateway(t.Context(), &http.Client{Transport: transport}, at, "tea", "hedge")
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestFailuresAreReported(t *testing.T) {
	took := [][]time.Duration{{ms, ms, ms, ms}}
	var stdout bytes.Buffer
	err := conclude(&stdout, []*contender{
		{name: "one", took: took, asked: 4},
		{name: "hedge", took: took, asked: 5, failed: []error{errors.New("this"), errors.New("that")}},
	})
	require.EqualError(t, err, "2 requests failed, one of them like this: this")
	require.Contains(t, stdout.String(), "1.250        2\n")
	require.Contains(t, stdout.String(), "for 25.0 % more requests")
	require.NotContains(t, stdout.String(), "busy")
}

func TestBusyMachineIsSaid(t *testing.T) {
	took := [][]time.Duration{make([]time.Duration, 100), make([]time.Duration, 100)}
	var stdout bytes.Buffer
	require.NoError(t, conclude(&stdout, []*contender{{took: took, asked: 200, late: 3}, {took: took, asked: 204, late: 2}}))
	require.Contains(t, stdout.String(), "the machine is busy, and 5 of 400 requests\nwere sent more than 5ms too late.")
}

func TestPercentiles(t *testing.T) {
	upTo := func(n int) (took []time.Duration) {
		for i := range n {
			took = append(took, time.Duration(i+1))
		}
		return took
	}
	for name, c := range map[string]struct {
		rounds          [][]time.Duration
		p50, p99, p99_9 time.Duration
	}{
		"a thousand":          {[][]time.Duration{upTo(1000)}, 500, 990, 999},
		"a hundred":           {[][]time.Duration{upTo(100)}, 50, 99, 100},
		"three":               {[][]time.Duration{upTo(3)}, 2, 3, 3},
		"one":                 {[][]time.Duration{{7}}, 7, 7, 7},
		"one round was worse": {[][]time.Duration{upTo(100), {9000}, upTo(100)}, 50, 99, 100},
	} {
		t.Run(name, func(t *testing.T) {
			one := contender{took: c.rounds}
			require.Equal(t, c.p50, one.percentile(500))
			require.Equal(t, c.p99, one.percentile(990))
			require.Equal(t, c.p99_9, one.percentile(999))
		})
	}
}
