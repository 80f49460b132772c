package pipeline_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/braidgo/braid/pipeline"
)

// What several tests make their streams of.

const ms = time.Millisecond

var errItem = errors.New("the item is bad")

// upTo yields 0 to n-1.
func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// endless yields 0, 1, 2 and so on.
func endless(yield func(int) bool) {
	for i := 0; yield(i); i++ {
	}
}

// at makes a source of items that come at these times.
func at(times ...time.Duration) pipeline.Stream[int] {
	return pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
		begin := time.Now()
		for item, when := range times {
			time.Sleep(when - time.Since(begin))
			if !yield(item) {
				return nil
			}
		}
		return nil
	})
}

func keep(_ context.Context, item int) (int, error) { return item, nil }

func keepOne(_ context.Context, item int, yield func(int) bool) error {
	yield(item)
	return nil
}

// sleeps makes a stage of which each call takes d.
func sleeps(d time.Duration) func(context.Context, int) (int, error) {
	return func(_ context.Context, item int) (int, error) {
		time.Sleep(d)
		return item, nil
	}
}

// failsAt makes a stage that fails on one item.
func failsAt(bad int) func(context.Context, int) (int, error) {
	return func(_ context.Context, item int) (int, error) {
		if item == bad {
			return 0, errItem
		}
		return item, nil
	}
}

// inBubble runs a test where time is fake, and which fails if a goroutine is left.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// shapes are ways to pass items through stages, in order unless they say otherwise.
var shapes = map[string]func(pipeline.Stream[int]) pipeline.Stream[int]{
	"fused":           func(s pipeline.Stream[int]) pipeline.Stream[int] { return pipeline.Map(s, keep) },
	"a buffer":        func(s pipeline.Stream[int]) pipeline.Stream[int] { return pipeline.Map(s, keep, pipeline.Buffer(5)) },
	"an empty buffer": func(s pipeline.Stream[int]) pipeline.Stream[int] { return pipeline.Map(s, keep, pipeline.Buffer(0)) },
	"a worker":        func(s pipeline.Stream[int]) pipeline.Stream[int] { return pipeline.Map(s, keep, pipeline.Workers(1)) },
	"workers":         func(s pipeline.Stream[int]) pipeline.Stream[int] { return pipeline.Map(s, keep, pipeline.Workers(4)) },
	"workers, no buffer": func(s pipeline.Stream[int]) pipeline.Stream[int] {
		return pipeline.Map(s, keep, pipeline.Workers(4), pipeline.Buffer(0))
	},
	"three stages with workers": func(s pipeline.Stream[int]) pipeline.Stream[int] {
		for range 3 {
			s = pipeline.Map(s, keep, pipeline.Workers(3))
		}
		return s
	},
	"FlatMap": func(s pipeline.Stream[int]) pipeline.Stream[int] { return pipeline.FlatMap(s, keepOne) },
	"FlatMap, workers": func(s pipeline.Stream[int]) pipeline.Stream[int] {
		return pipeline.FlatMap(s, keepOne, pipeline.Workers(4))
	},
	"MapByKey": func(s pipeline.Stream[int]) pipeline.Stream[int] {
		return pipeline.MapByKey(s, func(item int) int { return item % 3 }, keep, pipeline.Workers(4))
	},
	"batches and back": func(s pipeline.Stream[int]) pipeline.Stream[int] { return pipeline.Flatten(pipeline.Batch(s, 1, 0)) },
	"timed batches and back": func(s pipeline.Stream[int]) pipeline.Stream[int] {
		return pipeline.Flatten(pipeline.Batch(s, 1000, time.Nanosecond))
	},
	"sessions and back": func(s pipeline.Stream[int]) pipeline.Stream[int] {
		return pipeline.Flatten(pipeline.Session(s, 1000, time.Nanosecond))
	},
	"Merge": func(s pipeline.Stream[int]) pipeline.Stream[int] { return pipeline.Merge(s) },
	"Filter": func(s pipeline.Stream[int]) pipeline.Stream[int] {
		return pipeline.Filter(s, func(int) bool { return true })
	},
}

// unordered are those that may pass items on in another order.
var unordered = map[string]func(pipeline.Stream[int]) pipeline.Stream[int]{
	"workers, unordered": func(s pipeline.Stream[int]) pipeline.Stream[int] {
		return pipeline.Map(s, keep, pipeline.Workers(4), pipeline.Unordered())
	},
	"FlatMap, unordered": func(s pipeline.Stream[int]) pipeline.Stream[int] {
		return pipeline.FlatMap(s, keepOne, pipeline.Workers(4), pipeline.Unordered())
	},
	"MapByKey, unordered": func(s pipeline.Stream[int]) pipeline.Stream[int] {
		return pipeline.MapByKey(s, func(item int) int { return item % 3 }, keep, pipeline.Workers(4), pipeline.Unordered())
	},
}

func eachShape(t *testing.T, test func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int])) {
	for _, some := range []map[string]func(pipeline.Stream[int]) pipeline.Stream[int]{shapes, unordered} {
		for name, through := range some {
			inBubble(t, name, func(t *testing.T) { test(t, through) })
		}
	}
}
