package pipeline_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/pipeline"
)

// A slice, and when it came.
type delivery struct {
	items []int
	when  time.Duration
}

func deliveries(t *testing.T, s pipeline.Stream[[]int]) (got []delivery, err error) {
	begin := time.Now()
	for items, err := range s.All(t.Context()) {
		if err != nil {
			return got, err
		}
		got = append(got, delivery{items, time.Since(begin)})
	}
	return got, nil
}

func TestBatchAndSession(t *testing.T) {
	for name, c := range map[string]struct {
		s    pipeline.Stream[[]int]
		want []delivery
	}{
		"full batches go at once": {pipeline.Batch(at(0, 1*ms, 2*ms, 3*ms, 4*ms), 2, 100*ms),
			[]delivery{{[]int{0, 1}, 1 * ms}, {[]int{2, 3}, 3 * ms}, {[]int{4}, 4 * ms}}},
		"the wait starts at the first item, and no later item restarts it": {pipeline.Batch(at(0, 30*ms, 60*ms, 90*ms, 120*ms, 150*ms), 100, 50*ms),
			[]delivery{{[]int{0, 1}, 50 * ms}, {[]int{2, 3}, 110 * ms}, {[]int{4, 5}, 150 * ms}}},
		"no wait while there is no item": {pipeline.Batch(at(time.Hour, time.Hour+80*ms), 100, 50*ms),
			[]delivery{{[]int{0}, time.Hour + 50*ms}, {[]int{1}, time.Hour + 80*ms}}},
		"a part-filled batch is delivered on close": {pipeline.Batch(at(0, 1*ms, 2*ms), 100, time.Hour),
			[]delivery{{[]int{0, 1, 2}, 2 * ms}}},
		"without a wait only size and the end count": {pipeline.Batch(at(0, time.Hour, 2*time.Hour), 2, 0),
			[]delivery{{[]int{0, 1}, time.Hour}, {[]int{2}, 2 * time.Hour}}},
		"batches of one": {pipeline.Batch(at(0, 5*ms), 1, time.Hour),
			[]delivery{{[]int{0}, 0}, {[]int{1}, 5 * ms}}},
		"nothing": {pipeline.Batch(at(), 10, time.Hour), nil},
		"a session ends with a gap": {pipeline.Session(at(0, 40*ms, 80*ms, 200*ms, 240*ms), 100, 50*ms),
			[]delivery{{[]int{0, 1, 2}, 130 * ms}, {[]int{3, 4}, 240 * ms}}},
		"a session ends when it is full": {pipeline.Session(at(0, 1*ms, 2*ms, 3*ms), 2, time.Hour),
			[]delivery{{[]int{0, 1}, 1 * ms}, {[]int{2, 3}, 3 * ms}}},
	} {
		inBubble(t, name, func(t *testing.T) {
			got, err := deliveries(t, c.s)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

// Whatever ends a stream in its turn, the part-filled batch comes before it; what
// cannot wait for its turn does not wait for a batch.
func TestWhatIsInABatchWhenTheStreamEnds(t *testing.T) {
	batches := map[string]func(pipeline.Stream[int]) pipeline.Stream[[]int]{
		"fused":   func(s pipeline.Stream[int]) pipeline.Stream[[]int] { return pipeline.Batch(s, 100, 0) },
		"timed":   func(s pipeline.Stream[int]) pipeline.Stream[[]int] { return pipeline.Batch(s, 100, time.Hour) },
		"session": func(s pipeline.Stream[int]) pipeline.Stream[[]int] { return pipeline.Session(s, 100, time.Hour) },
	}
	for name, batch := range batches {
		for kind, opts := range map[string][]pipeline.Option{"fused": nil, "workers": {pipeline.Workers(3)}} {
			inBubble(t, name+" behind a stage "+kind, func(t *testing.T) {
				run := func(ctx context.Context, f func(context.Context, int) (int, error)) (got [][]int, err error) {
					defer func() {
						if value := recover(); value != nil {
							err = value.(error)
						}
					}()
					err = pipeline.ForEach(ctx, batch(pipeline.Map(pipeline.From(upTo(10)), f, opts...)), func(_ context.Context, items []int) error {
						got = append(got, items)
						return nil
					})
					return got, err
				}
				got, err := run(t.Context(), failsAt(3))
				require.Equal(t, [][]int{{0, 1, 2}}, got)
				require.Equal(t, &pipeline.StageError{Stage: "Map", Index: 3, Err: errItem}, err)

				got, err = run(t.Context(), func(_ context.Context, item int) (int, error) {
					if item == 3 {
						panic("the third")
					}
					return item, nil
				})
				require.Equal(t, [][]int{{0, 1, 2}}, got)
				var panicked *braid.PanicError
				require.ErrorAs(t, err, &panicked)

				ctx, cancel := context.WithCancelCause(t.Context())
				got, err = run(ctx, func(_ context.Context, item int) (int, error) {
					if item == 3 {
						cancel(errItem)
						time.Sleep(time.Second)
					}
					return item, nil
				})
				require.Empty(t, got)
				require.Equal(t, errItem, err)
			})
		}
	}
}

// When an item comes counts, and not when the stage gets round to it, because it was
// passing a slice on.
func TestBatchAndSessionWhileTheSinkIsBusy(t *testing.T) {
	for name, c := range map[string]struct {
		s    pipeline.Stream[[]int]
		want []delivery
	}{
		"a session sees the pauses": {pipeline.Session(at(0, 5*time.Second, 15*time.Second, 15500*ms), 100, time.Second),
			[]delivery{{[]int{0}, 1 * time.Second}, {[]int{1}, 31 * time.Second}, {[]int{2, 3}, 61 * time.Second}}},
		"a batch has waited": {pipeline.Batch(at(0, 5*time.Second, 30500*ms, 80*time.Second), 100, time.Second),
			[]delivery{{[]int{0}, 1 * time.Second}, {[]int{1, 2}, 31 * time.Second}, {[]int{3}, 80 * time.Second}}},
	} {
		inBubble(t, name, func(t *testing.T) {
			var got []delivery
			begin := time.Now()
			require.NoError(t, pipeline.ForEach(t.Context(), c.s, func(_ context.Context, items []int) error {
				got = append(got, delivery{items, time.Since(begin)})
				time.Sleep(30 * time.Second)
				return nil
			}))
			require.Equal(t, c.want, got)
		})
	}
}

// The wait is kept also while items come as fast as they are taken.
func TestBatchOfAFastSource(t *testing.T) {
	for batch, err := range pipeline.Batch(pipeline.From(endless), 1<<40, time.Millisecond).All(t.Context()) {
		require.NoError(t, err)
		require.NotEmpty(t, batch)
		return // or never
	}
}

// The slices belong to whoever gets them.
func TestBatchesAreNew(t *testing.T) {
	all, err := pipeline.Collect(t.Context(), pipeline.Batch(pipeline.From(upTo(10)), 3, 0))
	require.NoError(t, err)
	for _, batch := range all {
		_ = append(batch, -1)
		batch[0] = -1
	}
	require.Equal(t, [][]int{{-1, 1, 2}, {-1, 4, 5}, {-1, 7, 8}, {-1}}, all)
}

// A stream that had ended well before the context did has not ended well for a batch that
// was not passed on.
func TestABatchIsNotDroppedInSilence(t *testing.T) {
	for _, wait := range []time.Duration{0, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			s := pipeline.Map(pipeline.From(upTo(3)), keep, pipeline.Buffer(5))
			s = pipeline.Map(s, func(_ context.Context, item int) (int, error) {
				switch item {
				case 0:
					synctest.Wait() // the source has ended
				case 2:
					cancel(errItem)
				}
				return item, nil
			})
			got, err := pipeline.Collect(ctx, pipeline.Batch(s, 100, wait))
			require.Empty(t, got)
			require.Equal(t, errItem, err)
		})
	}
}

func TestABatchLooksAtTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		batches := pipeline.Batch(pipeline.From(upTo(1000)), 1, time.Hour)
		require.Equal(t, errItem, pipeline.ForEach(ctx, batches, func(_ context.Context, items []int) error {
			require.NoError(t, ctx.Err())
			if items[0] == 60 {
				cancel(errItem)
			}
			return nil
		}))
	})
}

func TestAnItemThatComesAtOnceWhileASliceIsPassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
			_ = yield(0) && yield(1)
			synctest.Wait() // the slice is being passed on
			yield(2)
			time.Sleep(time.Hour)
			return nil
		})
		begin := time.Now()
		var when []time.Duration
		require.NoError(t, pipeline.ForEach(t.Context(), pipeline.Batch(s, 2, 30*time.Second), func(_ context.Context, items []int) error {
			when = append(when, time.Since(begin).Round(time.Second))
			if items[0] == 0 {
				time.Sleep(time.Minute)
			}
			return nil
		}))
		require.Equal(t, []time.Duration{0, time.Minute}, when)
	})
}
