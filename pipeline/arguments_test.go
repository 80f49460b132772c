package pipeline_test

import (
	"context"
	"iter"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/pipeline"
)

func TestWrongArgumentsPanicAndSayWhich(t *testing.T) {
	var zero pipeline.Stream[int]
	ctx := t.Context()
	var none context.Context
	s := pipeline.From(upTo(3))
	f := func(context.Context, int) (int, error) { return 0, nil }
	flat := func(context.Context, int, func(int) bool) error { return nil }
	key := func(int) int { return 0 }
	each := func(context.Context, int) error { return nil }
	sum := func(int, int) (int, error) { return 0, nil }
	var limiter interface{ Wait(context.Context) error }
	for message, call := range map[string]func(){
		"pipeline.From: seq is nil":         func() { pipeline.From[int](nil) },
		"pipeline.FromSeq2: open is nil":    func() { pipeline.FromSeq2[int](nil) },
		"pipeline.FromChan: ch is nil":      func() { pipeline.FromChan[int](nil) },
		"pipeline.Generate: produce is nil": func() { pipeline.Generate[int](nil) },

		"pipeline.Map: s is the zero Stream":                            func() { pipeline.Map(zero, f) },
		"pipeline.Map: f is nil":                                        func() { pipeline.Map[int, int](s, nil) },
		"pipeline.Map: an option is nil":                                func() { pipeline.Map(s, f, nil) },
		"pipeline.FlatMap: s is the zero Stream":                        func() { pipeline.FlatMap(zero, flat) },
		"pipeline.FlatMap: f is nil":                                    func() { pipeline.FlatMap[int, int](s, nil) },
		"pipeline.MapByKey: s is the zero Stream":                       func() { pipeline.MapByKey(zero, key, f) },
		"pipeline.MapByKey: key is nil":                                 func() { pipeline.MapByKey[int, int, int](s, nil, f) },
		"pipeline.MapByKey: f is nil":                                   func() { pipeline.MapByKey[int, int](s, key, nil) },
		"pipeline.Filter: s is the zero Stream":                         func() { pipeline.Filter(zero, func(int) bool { return true }) },
		"pipeline.Filter: keep is nil":                                  func() { pipeline.Filter(s, nil) },
		"pipeline.Take: s is the zero Stream":                           func() { pipeline.Take(zero, 1) },
		"pipeline.Take: n is -1, want at least 0":                       func() { pipeline.Take(s, -1) },
		"pipeline.Batch: s is the zero Stream":                          func() { pipeline.Batch(zero, 1, 0) },
		"pipeline.Batch: size is 0, want at least 1":                    func() { pipeline.Batch(s, 0, 0) },
		"pipeline.Batch: maxWait is -1ns, want at least 0s":             func() { pipeline.Batch(s, 1, -1) },
		"pipeline.Session: s is the zero Stream":                        func() { pipeline.Session(zero, 1, time.Second) },
		"pipeline.Session: size is -5, want at least 1":                 func() { pipeline.Session(s, -5, time.Second) },
		"pipeline.Session: gap is 0s, want at least 1ns":                func() { pipeline.Session(s, 1, 0) },
		"pipeline.Flatten: s is the zero Stream":                        func() { pipeline.Flatten(pipeline.Stream[[]int]{}) },
		"pipeline.Merge: ss[1] is the zero Stream":                      func() { pipeline.Merge(s, zero) },
		"pipeline.Throttle: s is the zero Stream":                       func() { pipeline.Throttle(zero, limiter) },
		"pipeline.Throttle: limiter is nil":                             func() { pipeline.Throttle(s, limiter) },
		"pipeline.Observe: s is the zero Stream":                        func() { pipeline.Observe(zero, new(pipeline.Report)) },
		"pipeline.Observe: r is nil":                                    func() { pipeline.Observe(s, nil) },
		"pipeline.Map: Unordered without Workers":                       func() { pipeline.Map(s, f, pipeline.Unordered()) },
		"pipeline.FlatMap: Unordered without Workers":                   func() { pipeline.FlatMap(s, flat, pipeline.Buffer(3), pipeline.Unordered()) },
		"pipeline.MapByKey: Unordered without Workers":                  func() { pipeline.MapByKey(s, key, f, pipeline.Unordered()) },
		"pipeline.Workers: n is 0, want 1 to 16777216":                  func() { pipeline.Workers(0) },
		"pipeline.Workers: n is 16777217, want 1 to 16777216":           func() { pipeline.Workers(1<<24 + 1) },
		"pipeline.Buffer: n is -1, want 0 to 16777216":                  func() { pipeline.Buffer(-1) },
		"pipeline.Buffer: n is 9223372036854775807, want 0 to 16777216": func() { pipeline.Buffer(math.MaxInt) },

		"pipeline.Retry: f is nil":                         func() { pipeline.Retry[int, int](nil, pipeline.Backoff{Attempts: 1}) },
		"pipeline.Retry: b.Attempts is 0, want at least 1": func() { pipeline.Retry(f, pipeline.Backoff{}) },
		"pipeline.Retry: b.Base is -1ns, want at least 0s": func() { pipeline.Retry(f, pipeline.Backoff{Attempts: 1, Base: -1}) },
		"pipeline.Retry: b.Max is -1ns, want at least 0s":  func() { pipeline.Retry(f, pipeline.Backoff{Attempts: 1, Max: -1}) },
		"pipeline.Timeout: f is nil":                       func() { pipeline.Timeout[int, int](nil, 1) },
		"pipeline.Timeout: d is 0s, want at least 1ns":     func() { pipeline.Timeout(f, 0) },
		"pipeline.DeadLetter: f is nil":                    func() { pipeline.DeadLetter[int, int](nil, func(context.Context, int, error) error { return nil }) },
		"pipeline.DeadLetter: park is nil":                 func() { pipeline.DeadLetter(f, nil) },

		"pipeline.Stream.All: s is the zero Stream": func() { zero.All(ctx) },
		"pipeline.Stream.All: ctx is nil":           func() { s.All(none) },
		"pipeline.ForEach: ctx is nil":              func() { pipeline.ForEach(none, s, each) },
		"pipeline.ForEach: s is the zero Stream":    func() { pipeline.ForEach(ctx, zero, each) },
		"pipeline.ForEach: f is nil":                func() { pipeline.ForEach(ctx, s, nil) },
		"pipeline.Collect: ctx is nil":              func() { pipeline.Collect(none, s) },
		"pipeline.Collect: s is the zero Stream":    func() { pipeline.Collect(ctx, zero) },
		"pipeline.Reduce: ctx is nil":               func() { pipeline.Reduce(none, s, 0, sum) },
		"pipeline.Reduce: s is the zero Stream":     func() { pipeline.Reduce(ctx, zero, 0, sum) },
		"pipeline.Reduce: f is nil":                 func() { pipeline.Reduce[int, int](ctx, s, 0, nil) },
		"pipeline.Drain: ctx is nil":                func() { pipeline.Drain(none, s) },
		"pipeline.Drain: s is the zero Stream":      func() { pipeline.Drain(ctx, zero) },
		"pipeline.Tee: ctx is nil":                  func() { pipeline.Tee(none, s) },
		"pipeline.Tee: s is the zero Stream":        func() { pipeline.Tee(ctx, zero) },
		"pipeline.Tee: sinks[0] is nil":             func() { pipeline.Tee(ctx, s, nil) },
	} {
		require.PanicsWithValue(t, message, call)
	}
	require.NoError(t, pipeline.ForEach(ctx, s, each, pipeline.Unordered()), "changes nothing")
	require.Panics(t, func() {
		pipeline.Drain(ctx, pipeline.FromSeq2(func(context.Context) iter.Seq2[int, error] { return nil }))
	}, "no sequence")
}
