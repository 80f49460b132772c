package pipeline

import (
	"context"
	"iter"

	"github.com/braidgo/braid/internal/argument"
)

// All returns a sequence that runs the stream, anew each time it is ranged over. It
// yields the items with a nil error, and then, if something has ended the stream before
// its end, that error, once, with the zero value. To leave the loop ends the run; if that
// is by a panic, or by runtime.Goexit, it is what goes on, whatever becomes of the stages.
//
//	Goroutines: those of the stages, while the loop runs; none after it.
//	Blocks:     while the stages do; leaving the loop, until all goroutines have ended. Safe
//	            for concurrent use if the stream can be run so.
//	Ends:       when the stream does, the loop is left, or ctx is done: then the error is its
//	            cause.
//	Panics:     a panic in a stage is raised in the loop, as a *braid.PanicError.
//	Memory:     what the stages hold.
func (s Stream[T]) All(ctx context.Context) iter.Seq2[T, error] {
	s.check("pipeline.Stream.All", "s")
	argument.Context("pipeline.Stream.All", ctx)
	return func(yield func(T, error) bool) {
		err := execute(ctx, s, func(k *sink) func(T) bool {
			return func(item T) bool {
				k.foreign = true
				more := yield(item, nil)
				k.foreign = false
				if !more {
					k.stop(nil)
				}
				return more
			}
		})
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// ForEach runs the stream and calls f for each item. An error of f ends the run at once,
// and is a [*StageError]; an error of the stream does it in its turn, behind the items
// before it. [SkipItem] is no error.
//
//	Goroutines: those of the stages. Workers(n): at most n more, and one that runs the stages.
//	            Buffer alone: that one. None after it returns.
//	Blocks:     until the stream and all calls of f have ended. Safe for concurrent use if the
//	            stream can be run so.
//	Ends:       when the stream does, f fails, or ctx is done before that: then the error is
//	            its cause.
//	Panics:     a panic in f or a stage is raised again here, as a *braid.PanicError.
//	Memory:     what the stages hold, and with Workers what Buffer allows.
//
// Without [Workers] f is called on the caller's goroutine, for one item after the other;
// with them for several at once, in no order.
func ForEach[T any](ctx context.Context, s Stream[T], f func(context.Context, T) error, opts ...Option) error {
	argument.Context("pipeline.ForEach", ctx)
	s.check("pipeline.ForEach", "s")
	argument.NotNil("pipeline.ForEach", "f", f == nil)
	o := apply("ForEach", opts)
	do := region(o, func(ctx context.Context, item T) (struct{}, error) { return struct{}{}, f(ctx, item) })
	if o.workers > 0 {
		o.unordered = true
		n := &node{name: o.name, inputs: []*node{s.node}, workers: o.workers}
		return Drain(ctx, Stream[struct{}]{node: n, run: func(p place, yield func(struct{}) bool) error {
			return parallelMap(p, n, o, s, newFeed[T], do, yield)
		}})
	}
	s = buffered(s, o, nil)
	return execute(ctx, s, func(k *sink) func(T) bool {
		at := k.spot(o.name)
		return func(item T) bool {
			k.begin(at)
			if _, err := do(k.ctx, item); err != nil && !skips(err) {
				return k.stop(k.fail(at, err))
			}
			return true
		}
	})
}

// Collect runs the stream and returns its items; with an error, those that came before it.
//
//	Goroutines: those of the stages; none after it returns.
//	Blocks:     until the stream has ended. Safe for concurrent use if the stream can be run so.
//	Ends:       when the stream does, or ctx is done before that: then the error is its cause.
//	Panics:     a panic in a stage is raised again here, as a *braid.PanicError.
//	Memory:     all items.
func Collect[T any](ctx context.Context, s Stream[T]) (items []T, err error) {
	argument.Context("pipeline.Collect", ctx)
	s.check("pipeline.Collect", "s")
	err = execute(ctx, s, func(*sink) func(T) bool {
		return func(item T) bool {
			items = append(items, item)
			return true
		}
	})
	return items, err
}

// Reduce runs the stream and folds its items into one value: f gets what it has returned
// for the item before, at first acc. An error of f ends the run, and is a [*StageError];
// [SkipItem] leaves out the item. What f has come to comes back with an error, too.
//
//	Goroutines: those of the stages; none after it returns.
//	Blocks:     until the stream has ended; f runs on the caller's goroutine. Safe for
//	            concurrent use if the stream can be run so.
//	Ends:       when the stream does, f fails, or ctx is done before that: then the error is
//	            its cause.
//	Panics:     a panic in f or a stage is raised again here, as a *braid.PanicError.
//	Memory:     what the stages hold.
func Reduce[T, A any](ctx context.Context, s Stream[T], acc A, f func(A, T) (A, error)) (A, error) {
	argument.Context("pipeline.Reduce", ctx)
	s.check("pipeline.Reduce", "s")
	argument.NotNil("pipeline.Reduce", "f", f == nil)
	err := execute(ctx, s, func(k *sink) func(T) bool {
		at := k.spot("Reduce")
		return func(item T) bool {
			k.begin(at)
			next, err := f(acc, item)
			if err == nil {
				acc = next
			} else if !skips(err) {
				return k.stop(k.fail(at, err))
			}
			return true
		}
	})
	return acc, err
}

// Drain runs the stream for what its stages do, and drops what comes out.
//
//	Goroutines: those of the stages; none after it returns.
//	Blocks:     until the stream has ended. Safe for concurrent use if the stream can be run so.
//	Ends:       when the stream does, or ctx is done before that: then the error is its cause.
//	Panics:     a panic in a stage is raised again here, as a *braid.PanicError.
//	Memory:     what the stages hold.
func Drain[T any](ctx context.Context, s Stream[T]) error {
	argument.Context("pipeline.Drain", ctx)
	s.check("pipeline.Drain", "s")
	return execute(ctx, s, func(*sink) func(T) bool { return func(T) bool { return true } })
}
