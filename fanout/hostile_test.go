package fanout_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/braidgo/braid/fanout"
	"github.com/braidgo/braid/internal/testkit"
)

// What a callback may do to whoever calls it for many inputs.
func TestHostile(t *testing.T) {
	for _, subject := range []testkit.Subject{
		{Name: "Map", FirstError: true, Raises: true, Run: func(ctx context.Context, workers, items int, f testkit.Callback) error {
			out, err := fanout.Map(ctx, workers, integers[:items], func(ctx context.Context, item int) (int, error) { return -item, f(ctx, item) })
			return errors.Join(err, inOrder(out, items, err))
		}},
		{Name: "Settle", Raises: true, Run: func(ctx context.Context, workers, items int, f testkit.Callback) error {
			var errs []error
			for _, result := range fanout.Settle(ctx, workers, integers[:items], func(ctx context.Context, item int) (int, error) { return 0, f(ctx, item) }) {
				errs = append(errs, result.Err)
			}
			if items == 0 {
				return context.Cause(ctx)
			}
			return errors.Join(errs...)
		}},
		{Name: "ForEach", FirstError: true, Raises: true, Run: func(ctx context.Context, workers, items int, f testkit.Callback) error {
			return fanout.ForEach(ctx, workers, upTo(items), f)
		}},
		{Name: "ByKey, many keys", FirstError: true, Raises: true, Run: func(ctx context.Context, workers, items int, f testkit.Callback) error {
			return fanout.ByKey(ctx, workers, 1, upTo(items), func(item int) int { return item }, f)
		}},
		{Name: "ByKey, many keys, far ahead", FirstError: true, Raises: true, Run: func(ctx context.Context, workers, items int, f testkit.Callback) error {
			return fanout.ByKey(ctx, workers, 1000, upTo(items), func(item int) int { return item }, f)
		}},
	} {
		testkit.Hostile(t, subject)
	}
}

// What a sequence may do to whoever runs it.
func TestHostileSequences(t *testing.T) {
	const workers = 4
	for _, consumer := range []testkit.Consumer{
		{Name: "ForEach", Workers: workers, Ahead: workers, Run: func(ctx context.Context, in iter.Seq[int], f testkit.Callback) error {
			return fanout.ForEach(ctx, workers, in, f)
		}},
		{Name: "ByKey, many keys", Workers: workers, Ahead: 3, Run: func(ctx context.Context, in iter.Seq[int], f testkit.Callback) error {
			return fanout.ByKey(ctx, workers, 3, in, func(n int) int { return n }, f)
		}},
		{Name: "ByKey, one key", Workers: workers, Ahead: 3, Run: func(ctx context.Context, in iter.Seq[int], f testkit.Callback) error {
			return fanout.ByKey(ctx, workers, 3, in, func(int) string { return "" }, f)
		}},
	} {
		testkit.Sequences(t, consumer)
	}
}

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

// inOrder checks the results of a Map that negates, as far as it got.
func inOrder(out []int, items int, err error) error {
	if len(out) != items {
		return errors.New("another number of results than of elements")
	}
	for item, result := range out {
		if result != -item && (err == nil || result != 0) {
			return errors.New("a result in another's place")
		}
	}
	return nil
}
