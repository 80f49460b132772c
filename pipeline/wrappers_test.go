package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/pipeline"
)

func TestRetry(t *testing.T) {
	permanent := errors.New("it is no use")
	for name, c := range map[string]struct {
		backoff pipeline.Backoff
		fails   error
		until   int // the call that succeeds
		err     error
		longest []time.Duration // each wait; there is a call more
	}{
		"at first":                       {pipeline.Backoff{Attempts: 3, Base: ms}, errItem, 1, nil, nil},
		"at last":                        {pipeline.Backoff{Attempts: 3}, errItem, 3, nil, []time.Duration{0, 0}},
		"never":                          {pipeline.Backoff{Attempts: 3}, errItem, 9, errItem, []time.Duration{0, 0}},
		"once is not again":              {pipeline.Backoff{Attempts: 1, Base: ms}, errItem, 9, errItem, nil},
		"waits that double":              {pipeline.Backoff{Attempts: 5, Base: ms}, errItem, 9, errItem, []time.Duration{1 * ms, 2 * ms, 4 * ms, 8 * ms}},
		"up to the longest":              {pipeline.Backoff{Attempts: 5, Base: ms, Max: 3 * ms}, errItem, 9, errItem, []time.Duration{1 * ms, 2 * ms, 3 * ms, 3 * ms}},
		"waits without end":              {pipeline.Backoff{Attempts: 200, Base: ms, Max: ms}, errItem, 999, errItem, slices.Repeat([]time.Duration{ms}, 199)},
		"a base above the longest":       {pipeline.Backoff{Attempts: 3, Base: time.Hour, Max: ms}, errItem, 9, errItem, []time.Duration{ms, ms}},
		"a base beyond all time":         {pipeline.Backoff{Attempts: 3, Base: math.MaxInt64, Max: ms}, errItem, 9, errItem, []time.Duration{ms, ms}},
		"a wait that the context breaks": {pipeline.Backoff{Attempts: 3, Base: math.MaxInt64}, errItem, 9, errItem, nil},
		"an error that is not worth it":  {pipeline.Backoff{Attempts: 5, Base: ms, If: func(err error) bool { return err != permanent }}, permanent, 9, permanent, nil},
		"an item to skip":                {pipeline.Backoff{Attempts: 5, Base: ms}, fmt.Errorf("because: %w", pipeline.SkipItem), 9, pipeline.SkipItem, nil},
	} {
		inBubble(t, name, func(t *testing.T) {
			// Full jitter: of so many rounds some come close to the longest wait, and some to none.
			least, most := make([]time.Duration, len(c.longest)), make([]time.Duration, len(c.longest))
			for round := range 100 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				last, calls := time.Now(), 0
				result, err := pipeline.Retry(func(_ context.Context, item int) (int, error) {
					if calls > 0 && calls <= len(c.longest) {
						waited := time.Since(last)
						most[calls-1] = max(most[calls-1], waited)
						if round == 0 || waited < least[calls-1] {
							least[calls-1] = waited
						}
					}
					last = time.Now()
					if calls++; calls < c.until {
						return 0, c.fails
					}
					return item, nil
				}, c.backoff)(ctx, 7)
				cancel()
				require.ErrorIs(t, err, c.err)
				require.Equal(t, c.err == nil, result == 7)
				require.Equal(t, len(c.longest)+1, calls)
			}
			for i, longest := range c.longest {
				require.LessOrEqual(t, most[i], longest)
				require.GreaterOrEqual(t, most[i], longest*7/10)
				require.LessOrEqual(t, least[i], longest*3/10)
			}
		})
	}
}

func TestRetryWhenTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin, calls := time.Now(), 0
		_, err := pipeline.Retry(func(context.Context, int) (int, error) { calls++; return 0, errItem },
			pipeline.Backoff{Attempts: 1000, Base: time.Millisecond})(ctx, 1)
		require.ErrorIs(t, err, errItem, "what the last attempt has returned")
		require.LessOrEqual(t, time.Since(begin), time.Second)
		require.Greater(t, calls, 5)
		calls = 0
		_, err = pipeline.Retry(func(ctx context.Context, item int) (int, error) { calls++; <-ctx.Done(); return 0, ctx.Err() },
			pipeline.Backoff{Attempts: 1000})(ctx, 1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 1, calls, "nothing is tried again")
	})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		obeys := func(ctx context.Context, item int) (int, error) { <-ctx.Done(); return 0, context.Cause(ctx) }
		_, err := pipeline.Timeout(obeys, time.Second)(t.Context(), 1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(begin))

		late := func(ctx context.Context, item int) (int, error) { time.Sleep(time.Hour); return item, nil }
		result, err := pipeline.Timeout(late, time.Second)(t.Context(), 1)
		require.NoError(t, err, "what comes late counts")
		require.Equal(t, 1, result)

		attempts := 0
		_, err = pipeline.Retry(pipeline.Timeout(func(ctx context.Context, item int) (int, error) {
			attempts++
			return obeys(ctx, item)
		}, time.Second), pipeline.Backoff{Attempts: 4})(t.Context(), 1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 4, attempts, "the time-out of an attempt does not end the others")
	})
}

func TestDeadLetter(t *testing.T) {
	odd := func(_ context.Context, item int) (int, error) {
		if item%2 != 0 {
			return 0, errItem
		}
		if item == 4 {
			return 0, pipeline.SkipItem
		}
		return item, nil
	}
	for name, opts := range map[string][]pipeline.Option{"fused": nil, "workers": {pipeline.Workers(1)}} {
		var parked []int
		f := pipeline.DeadLetter(odd, func(_ context.Context, item int, err error) error {
			assert.Equal(t, errItem, err)
			parked = append(parked, item)
			return nil
		})
		got, err := pipeline.Collect(t.Context(), pipeline.Map(pipeline.From(upTo(8)), f, opts...))
		require.NoError(t, err)
		require.Equal(t, []int{0, 2, 6}, got, name)
		require.Equal(t, []int{1, 3, 5, 7}, parked, name)
	}

	full := errors.New("no room to park")
	f := pipeline.DeadLetter(odd, func(context.Context, int, error) error { return full })
	_, err := pipeline.Collect(t.Context(), pipeline.Map(pipeline.From(upTo(8)), f))
	require.Equal(t, &pipeline.StageError{Stage: "Map", Index: 1, Err: full}, err)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = pipeline.DeadLetter(odd, func(context.Context, int, error) error { t.Error("parked"); return nil })(ctx, 1)
	require.Equal(t, errItem, err, "with a dead context it has not been tried to its end")
}

type limiter struct{ every time.Duration }

func (l limiter) Wait(ctx context.Context) error {
	select {
	case <-time.After(l.every):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

type broken struct{}

func (broken) Wait(context.Context) error { return errItem }

func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		got, err := pipeline.Collect(t.Context(), pipeline.Throttle(pipeline.From(upTo(5)), limiter{time.Second}))
		require.NoError(t, err)
		require.Equal(t, []int{0, 1, 2, 3, 4}, got)
		require.Equal(t, 5*time.Second, time.Since(begin))

		ctx, cancel := context.WithTimeoutCause(t.Context(), 2500*ms, errItem)
		defer cancel()
		got, err = pipeline.Collect(ctx, pipeline.Throttle(pipeline.From(upTo(5)), limiter{time.Second}))
		require.Equal(t, errItem, err)
		require.Equal(t, []int{0, 1}, got)

		_, err = pipeline.Collect(t.Context(), pipeline.Throttle(pipeline.From(upTo(5)), broken{}))
		require.Equal(t, &pipeline.StageError{Stage: "Throttle", Index: 0, Err: errItem}, err)
	})
}

func TestReduceAndForEach(t *testing.T) {
	sum := func(sum, item int) (int, error) {
		switch item {
		case 2:
			return 1000, pipeline.SkipItem
		case 5:
			return 1000, errItem
		}
		return sum + item, nil
	}
	got, err := pipeline.Reduce(t.Context(), pipeline.From(upTo(5)), 100, sum)
	require.NoError(t, err)
	require.Equal(t, 100+0+1+3+4, got, "SkipItem leaves out the item")
	got, err = pipeline.Reduce(t.Context(), pipeline.From(upTo(9)), 100, sum)
	require.Equal(t, &pipeline.StageError{Stage: "Reduce", Index: 5, Err: errItem}, err)
	require.Equal(t, 100+0+1+3+4, got, "what it has come to")

	for _, opts := range [][]pipeline.Option{nil, {pipeline.Buffer(2)}, {pipeline.Workers(1)}} {
		seen := 0
		err = pipeline.ForEach(t.Context(), pipeline.From(upTo(9)), func(_ context.Context, item int) error {
			seen++
			_, err := sum(0, item)
			return err
		}, append(opts, pipeline.Name("adds"))...)
		require.Equal(t, &pipeline.StageError{Stage: "adds", Index: 5, Err: errItem}, err)
		require.Equal(t, 6, seen)
	}
}
