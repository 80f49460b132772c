package braid_test

//lint:file-ignore SA4006 The README shows several calls, and not what is done with each error.

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/ratelimit/httplimit"
)

// What README.md shows of the packages runs here; TestSnippetsAreRegionsOfGoFiles sees to it
// that it is the same. Where the README has three dots, there is something to run.

// region imports
import (
	"github.com/braidgo/braid/fanout"
	"github.com/braidgo/braid/pipeline"
	"github.com/braidgo/braid/ratelimit"
	"github.com/braidgo/braid/workerpool"
)

// endregion

func TestReadmeWorkerpool(t *testing.T) {
	ctx := t.Context()
	fetchPrice := func(context.Context) (int, error) { return 42, nil }
	submitted := make(chan bool, 1)
	failed := errors.New("failed")

	// region workerpool
	pool := workerpool.New(8, workerpool.Queue(1024))
	defer pool.Close()

	err := pool.Submit(ctx, func(ctx context.Context) { submitted <- true }) // waits for room, as long as ctx lives

	price := workerpool.Go(ctx, pool, fetchPrice) // a future
	p, err := price.Wait(ctx)

	group := pool.Group(ctx) // the first error ends them all
	group.Go(func(ctx context.Context) error { return failed })
	err = group.Wait()
	// endregion

	require.Equal(t, failed, err)
	require.Equal(t, 42, p)
	require.True(t, <-submitted)
}

func TestReadmeFanout(t *testing.T) {
	type Event struct{ account, amount int }
	type Rates map[string]float64
	var received []Event
	type reply struct{ io.ReadCloser }

	ctx := t.Context()
	products, files, mirrors := []string{"tea", "milk"}, []string{"a", "b"}, []string{"one", "two"}
	fetchPrice := func(_ context.Context, product string) (int, error) { return len(product), nil }
	upload := func(context.Context, string) error { return nil }
	events := slices.Values([]Event{{1, 10}, {2, 20}})
	accountOf := func(e Event) int { return e.account }
	apply := func(context.Context, Event) error { return nil }
	get := func(context.Context, string) (reply, error) { return reply{http.NoBody}, nil }
	getFrom := func(context.Context, int) (reply, error) { return reply{http.NoBody}, nil }
	closeBody := func(r reply) { r.Close() }
	fetchRates := func(context.Context) (Rates, error) { return Rates{"USD": 1.1}, nil }

	// region fanout
	prices, err := fanout.Map(ctx, 8, products, fetchPrice) // in order, or the first error and whose it was

	err = fanout.ForEach(ctx, 8, slices.Values(files), upload) // any sequence, as long as it likes
	err = fanout.ByKey(ctx, 8, 1024, events, accountOf, apply) // an account's events in order

	page, err := fanout.First(ctx, mirrors, get, closeBody) // the losers are cancelled and waited for
	page, err = fanout.Hedge(ctx, 20*time.Millisecond, 2, getFrom, closeBody)

	var flight fanout.Flight[string, Rates] // a thousand callers, one call
	rates, shared, err := flight.Do(ctx, "EUR", fetchRates)

	hub := fanout.NewHub[Event]()
	subscription := hub.Subscribe(64, fanout.DropOldest) // what to do when this one is slow
	defer subscription.Close()
	require.NoError(t, hub.Publish(ctx, Event{1, 10})) // not shown
	require.NoError(t, hub.Close())                    // not shown
	for event := range subscription.C() {
		received = append(received, event)
	}
	// endregion

	require.NoError(t, err)
	require.Equal(t, []int{3, 4}, prices)
	require.Equal(t, reply{http.NoBody}, page)
	require.Equal(t, Rates{"USD": 1.1}, rates)
	require.False(t, shared)
	require.Equal(t, []Event{{1, 10}}, received)
}

func TestReadmePipeline(t *testing.T) {
	ctx := t.Context()
	readLines := func(context.Context) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) { _ = yield("tea", nil) && yield("milk", nil) }
	}
	parse := func(_ context.Context, line string) (string, error) { return line, nil }
	fetchPrice := func(_ context.Context, record string) (int, error) { return len(record), nil }
	var stored [][]int
	store := func(_ context.Context, prices []int) error {
		stored = append(stored, prices)
		return nil
	}
	var seen []int

	// region pipeline
	lines := pipeline.FromSeq2(readLines) // or a sequence, a channel, a function that yields
	records := pipeline.Map(lines, parse) // fused: a call, no channel
	priced := pipeline.Map(records, pipeline.Retry(fetchPrice, pipeline.Backoff{Attempts: 3, Base: time.Second}),
		pipeline.Workers(8), pipeline.Name("fetch")) // eight at once, the results in order
	batches := pipeline.Batch(priced, 100, 50*time.Millisecond) // full, or the oldest has waited for so long

	err := pipeline.ForEach(ctx, batches, store) // here it runs; "fetch: input 17: ..."

	for record, err := range priced.All(ctx) {
		require.NoError(t, err)
		seen = append(seen, record)
	} // or a loop; leaving it ends all of it
	// endregion

	require.NoError(t, err)
	require.Equal(t, []int{3, 4}, seen)
	require.Equal(t, []int{3, 4}, slices.Concat(stored...))
}

func TestReadmeRatelimit(t *testing.T) {
	ctx := t.Context()
	var handler http.Handler = http.NotFoundHandler()
	call := func(context.Context) error { return nil }

	// region ratelimit
	limiter := ratelimit.New(ratelimit.Per(100, time.Minute), 20) // exactly 100 a minute, 20 of them at once

	if !limiter.Allow() {
		t.Error("refused")
	} // now or not at all
	err := limiter.Wait(ctx)                       // first come, first served; fails at once if it cannot be in time
	promise, ok := limiter.Reserve(1, time.Second) // and promise.Cancel() if nothing comes of it

	clients := ratelimit.NewKeyed[netip.Prefix](ratelimit.PerSecond(5), 10, 100_000)
	handler = httplimit.Middleware(clients, httplimit.ClientIP())(handler) // 429, Retry-After, RateLimit

	memory := ratelimit.NewSemaphore(64 << 20)                  // weighted: so many bytes in use at once
	calls := ratelimit.NewAdaptive(ratelimit.AdaptiveOptions{}) // as many at once as the other side can bear
	done, err := calls.Acquire(ctx)
	done(call(ctx))
	// endregion

	require.NoError(t, err)
	require.True(t, ok)
	require.Zero(t, promise.Delay())
	require.NotNil(t, handler)
	require.True(t, memory.TryAcquire(64<<20))
}
