package pipeline_test

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/pipeline"
)

func TestReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r pipeline.Report
		require.Empty(t, r.Stages())
		s := pipeline.Map(at(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), sleeps(time.Second), pipeline.Name("parse"))
		s = pipeline.Map(s, sleeps(10*time.Second), pipeline.Workers(2), pipeline.Buffer(1), pipeline.Name("fetch"))
		s = pipeline.Filter(s, func(item int) bool { return item%2 == 0 })
		s = pipeline.Observe(s, &r)
		require.Equal(t, []string{"Generate", "parse", "fetch", "Filter"}, names(r.Stages()), "before it runs")

		var at31 []pipeline.StageStats
		require.NoError(t, pipeline.ForEach(t.Context(), s, func(_ context.Context, item int) error {
			if item == 4 { // after 31 seconds
				time.Sleep(500 * ms)
				at31 = r.Stages()
			}
			return nil
		}))
		// Two items are fetched in ten seconds, one waits, and one is in the hands of parse,
		// which is blocked for eight seconds of ten.
		require.Equal(t, []pipeline.StageStats{
			{Name: "Generate", Out: 9, Busy: 8500 * ms, Blocked: 23 * time.Second},
			{Name: "parse", In: 9, Out: 8, Busy: 8500 * ms, Blocked: 23 * time.Second},
			{Name: "fetch", In: 8, Out: 5, Busy: 60 * time.Second, Waiting: 1},
			{Name: "Filter", In: 5, Out: 3, Busy: 500 * ms, Starved: 31 * time.Second},
		}, at31)
		require.Equal(t, []pipeline.StageStats{
			{Name: "Generate", Out: 10, Busy: 10 * time.Second, Blocked: 31 * time.Second},
			{Name: "parse", In: 10, Out: 10, Busy: 10 * time.Second, Blocked: 31 * time.Second},
			{Name: "fetch", In: 10, Out: 10, Busy: 100 * time.Second},
			{Name: "Filter", In: 10, Out: 5, Busy: 500 * ms, Starved: 51500 * ms},
		}, r.Stages())

		require.NoError(t, pipeline.Drain(t.Context(), s))
		require.EqualValues(t, 20, r.Stages()[2].Out, "all runs are added up")
		require.Equal(t, 200*time.Second, r.Stages()[2].Busy)
	})
}

func names(stages []pipeline.StageStats) (names []string) {
	for _, s := range stages {
		names = append(names, s.Name)
	}
	return names
}

func TestReportOfFailures(t *testing.T) {
	var r pipeline.Report
	fails := func(_ context.Context, item int) (int, error) {
		if item == 3 {
			return 0, errItem
		}
		return item, pipeline.SkipItem
	}
	for _, opts := range [][]pipeline.Option{nil, {pipeline.Workers(1)}} {
		r = pipeline.Report{}
		require.Error(t, pipeline.Drain(t.Context(), pipeline.Observe(pipeline.Map(pipeline.From(upTo(9)), fails, opts...), &r)))
		failed := r.Stages()[1]
		require.EqualValues(t, 1, failed.Failed)
		require.Zero(t, failed.Out)
		require.GreaterOrEqual(t, failed.In, uint64(4))
	}
}

// A report sees what its own Observe is behind of, in its own runs, once.
func TestReportsApart(t *testing.T) {
	var inner, outer pipeline.Report
	s := pipeline.Observe(pipeline.Map(pipeline.From(upTo(5)), keep), &inner)
	whole := pipeline.Observe(pipeline.Observe(pipeline.Map(s, keep, pipeline.Workers(2)), &outer), &outer)
	require.NoError(t, pipeline.Drain(t.Context(), whole))
	require.NoError(t, pipeline.Drain(t.Context(), s))
	require.EqualValues(t, 10, inner.Stages()[0].Out)
	require.EqualValues(t, 5, outer.Stages()[0].Out)
	require.EqualValues(t, 5, outer.Stages()[2].Out)
	require.Len(t, inner.Stages(), 2)
	require.Len(t, outer.Stages(), 3)
}

func TestMermaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r pipeline.Report
		require.Equal(t, "flowchart LR\n", r.Mermaid())
		s := pipeline.Map(at(0, 0, 0, 0), sleeps(time.Second), pipeline.Workers(2), pipeline.Buffer(0), pipeline.Name(`slow "<one>"`))
		s = pipeline.Observe(pipeline.Merge(s, at(0)), &r)
		require.NoError(t, pipeline.Drain(t.Context(), s))
		require.Equal(t, strings.Join([]string{
			`flowchart LR`,
			`    s0["Generate<br/>4 out<br/>0 % busy"]`,
			`    s1["slow #quot;#lt;one#gt;#quot; ×2<br/>4 in, 4 out<br/>100 % busy"]`,
			`    s0 --> s1`,
			`    s2["Generate<br/>1 out<br/>0 % busy"]`,
			`    s3["Merge<br/>5 in, 5 out<br/>0 % busy"]`,
			`    s1 --> s3`,
			`    s2 --> s3`,
			`    style s1 stroke:#c00,stroke-width:4px`,
			``,
		}, "\n"), r.Mermaid())
	})
}

func TestNameLabelsTheWorkers(t *testing.T) {
	for _, workers := range []int{1, 2} {
		calls := 0
		s := pipeline.Map(pipeline.From(upTo(1)), func(ctx context.Context, item int) (int, error) {
			var dump strings.Builder
			assert.NoError(t, pprof.Lookup("goroutine").WriteTo(&dump, 1))
			assert.Contains(t, dump.String(), `"pipeline":"resize"`)
			calls++
			return item, nil
		}, pipeline.Workers(workers), pipeline.Name("resize"))
		require.NoError(t, pipeline.Drain(t.Context(), s))
		require.Equal(t, 1, calls)
	}
}

func TestFusedStagesAreMarkedTogether(t *testing.T) {
	var r pipeline.Report
	s := pipeline.Map(pipeline.Map(pipeline.From(upTo(2000)), keep), keep)
	n := 0
	require.NoError(t, pipeline.ForEach(t.Context(), pipeline.Observe(s, &r), func(context.Context, int) error {
		if n++; n%100 == 0 {
			require.Equal(t, 3, strings.Count(r.Mermaid(), "style"), "while it runs")
		}
		return nil
	}))
}

// Goroutines inherit labels from whoever starts them; here it is one stage that starts
// what is before it.
func TestNameLabelsNobodyElse(t *testing.T) {
	for _, workers := range []int{1, 2} {
		source := func(yield func(int) bool) {
			var dump strings.Builder
			assert.NoError(t, pprof.Lookup("goroutine").WriteTo(&dump, 1))
			for goroutine := range strings.SplitSeq(dump.String(), "\n\n") {
				if strings.Contains(goroutine, "TestNameLabelsNobodyElse") {
					assert.NotContains(t, goroutine, "resize")
				}
			}
			yield(1)
		}
		s := pipeline.Map(pipeline.From(source), keep, pipeline.Workers(workers))
		s = pipeline.Map(s, keep, pipeline.Workers(workers), pipeline.Name("resize"))
		require.NoError(t, pipeline.Drain(t.Context(), s))
	}
}

// Who waits for room is blocked, also if what it waits for comes after what is observed.
func TestBlockedBehindObserve(t *testing.T) {
	slow := sleeps(time.Second)
	for name, run := range map[string]func(context.Context, pipeline.Stream[int]) error{
		"a buffer": func(ctx context.Context, s pipeline.Stream[int]) error {
			return pipeline.Drain(ctx, pipeline.Map(s, slow, pipeline.Buffer(0)))
		},
		"workers": func(ctx context.Context, s pipeline.Stream[int]) error {
			return pipeline.Drain(ctx, pipeline.Map(s, slow, pipeline.Workers(2), pipeline.Buffer(0)))
		},
		"Tee": func(ctx context.Context, s pipeline.Stream[int]) error {
			return pipeline.Tee(ctx, s, func(ctx context.Context, branch pipeline.Stream[int]) error {
				return pipeline.Drain(ctx, pipeline.Map(branch, slow))
			})
		},
		"Merge": func(ctx context.Context, s pipeline.Stream[int]) error {
			return pipeline.Drain(ctx, pipeline.Map(pipeline.Merge(s), slow))
		},
	} {
		inBubble(t, name, func(t *testing.T) {
			var r pipeline.Report
			require.NoError(t, run(t.Context(), pipeline.Observe(pipeline.From(upTo(200)), &r)))
			require.Zero(t, r.Stages()[0].Busy)
			require.NotZero(t, r.Stages()[0].Blocked)
		})
	}
}

func TestWaitingIsNotNegative(t *testing.T) {
	var r pipeline.Report
	s := pipeline.Map(pipeline.From(upTo(20_000)), keep, pipeline.Buffer(4))
	s = pipeline.Observe(pipeline.Map(s, keep, pipeline.Workers(2), pipeline.Buffer(4)), &r)
	var over atomic.Bool
	var reader sync.WaitGroup
	least := 0
	reader.Go(func() {
		for !over.Load() {
			for _, stage := range r.Stages() {
				least = min(least, stage.Waiting)
			}
			runtime.Gosched()
		}
	})
	require.NoError(t, pipeline.Drain(t.Context(), s))
	over.Store(true)
	reader.Wait()
	require.Zero(t, least)
}

// Reports share stages, runs and goroutines, and are read meanwhile.
func TestObserveInOddPlaces(t *testing.T) {
	var a, b pipeline.Report
	s := pipeline.Map(pipeline.Observe(pipeline.From(upTo(300)), &a), keep, pipeline.Workers(1))
	s = pipeline.Observe(pipeline.Observe(s, &b), &a)
	flat := pipeline.FlatMap(s, keepOne, pipeline.Workers(2), pipeline.Unordered())
	s = pipeline.Merge(pipeline.Map(s, keep, pipeline.Workers(3)), pipeline.Observe(flat, &a), s)
	s = pipeline.Observe(pipeline.Flatten(pipeline.Batch(s, 7, time.Hour)), &b)
	branch := func(r *pipeline.Report) sinkFunc {
		return func(ctx context.Context, s pipeline.Stream[int]) error {
			return pipeline.Drain(ctx, pipeline.Observe(s, r))
		}
	}
	var over atomic.Bool
	var reader, runs sync.WaitGroup
	reader.Go(func() {
		for !over.Load() {
			for _, stage := range append(a.Stages(), b.Stages()...) {
				if min(stage.Busy, stage.Blocked, stage.Starved) < 0 {
					t.Errorf("less than nothing: %+v", stage)
					return
				}
			}
			_ = a.Mermaid()
			runtime.Gosched()
		}
	})
	for range 3 {
		runs.Go(func() {
			for range 3 {
				if err := pipeline.Tee(t.Context(), s, branch(&a), branch(&b), pipeline.Drain); err != nil {
					t.Error(err)
				}
			}
		})
	}
	runs.Wait()
	over.Store(true)
	reader.Wait()
	out := func(r *pipeline.Report, name string) (all uint64) {
		for _, stage := range r.Stages() {
			if stage.Name == name {
				all += stage.Out
			}
		}
		return all
	}
	require.EqualValues(t, 9*3*300, out(&a, "From"), "three times in each run")
	require.EqualValues(t, 9*3*300, out(&b, "Merge"))
	require.EqualValues(t, 9*300, out(&a, "FlatMap"))
	require.EqualValues(t, 9*3*300, out(&b, "Tee"))
	after := a.Stages()
	runtime.Gosched()
	require.Equal(t, after, a.Stages(), "the time of a run ends with it")
}
