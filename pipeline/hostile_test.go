package pipeline_test

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/testkit"
	"github.com/braidgo/braid/pipeline"
)

// What a callback may do to a stage, or a sink, that calls it for many items.
func TestHostile(t *testing.T) {
	for _, subject := range []struct {
		name string
		run  func(ctx context.Context, s pipeline.Stream[int], f testkit.Callback, workers pipeline.Option) error
	}{
		{"Map", func(ctx context.Context, s pipeline.Stream[int], f testkit.Callback, workers pipeline.Option) error {
			return inOrder(ctx, pipeline.Map(s, same(f), workers))
		}},
		{"Map, without a buffer", func(ctx context.Context, s pipeline.Stream[int], f testkit.Callback, workers pipeline.Option) error {
			return inOrder(ctx, pipeline.Map(s, same(f), workers, pipeline.Buffer(0)))
		}},
		{"Map, unordered", func(ctx context.Context, s pipeline.Stream[int], f testkit.Callback, workers pipeline.Option) error {
			return pipeline.Drain(ctx, pipeline.Map(s, same(f), workers, pipeline.Unordered()))
		}},
		{"Map, between other stages with workers", func(ctx context.Context, s pipeline.Stream[int], f testkit.Callback, workers pipeline.Option) error {
			nothing := same(func(context.Context, int) error { return nil })
			s = pipeline.Map(s, nothing, pipeline.Workers(3))
			s = pipeline.Map(s, same(f), workers, pipeline.Buffer(2))
			return inOrder(ctx, pipeline.Map(s, nothing, pipeline.Workers(1)))
		}},
		{"FlatMap", func(ctx context.Context, s pipeline.Stream[int], f testkit.Callback, workers pipeline.Option) error {
			return inOrder(ctx, pipeline.FlatMap(s, once(f), workers))
		}},
		{"FlatMap, unordered", func(ctx context.Context, s pipeline.Stream[int], f testkit.Callback, workers pipeline.Option) error {
			return pipeline.Drain(ctx, pipeline.FlatMap(s, once(f), workers, pipeline.Unordered()))
		}},
		{"MapByKey, many keys", func(ctx context.Context, s pipeline.Stream[int], f testkit.Callback, workers pipeline.Option) error {
			return inOrder(ctx, pipeline.MapByKey(s, func(item int) int { return item }, same(f), workers))
		}},
		{"MapByKey, many keys, unordered", func(ctx context.Context, s pipeline.Stream[int], f testkit.Callback, workers pipeline.Option) error {
			return pipeline.Drain(ctx, pipeline.MapByKey(s, func(item int) int { return item }, same(f), workers, pipeline.Unordered()))
		}},
		{"ForEach", func(ctx context.Context, s pipeline.Stream[int], f testkit.Callback, workers pipeline.Option) error {
			return pipeline.ForEach(ctx, s, f, workers)
		}},
	} {
		testkit.Hostile(t, testkit.Subject{Name: subject.name, FirstError: true, Raises: true,
			Run: func(ctx context.Context, workers, items int, f testkit.Callback) error {
				return subject.run(ctx, pipeline.From(upTo(items)), f, pipeline.Workers(workers))
			}})
	}
}

// What a sequence may do to a stream that is made of it, whoever runs it.
func TestHostileSequences(t *testing.T) {
	const workers = 4
	for _, consumer := range []testkit.Consumer{
		{Name: "fused", Workers: 1, InTurn: true, Run: func(ctx context.Context, in iter.Seq[int], f testkit.Callback) error {
			return pipeline.Drain(ctx, pipeline.Map(pipeline.From(in), same(f)))
		}},
		{Name: "ForEach", Workers: 1, InTurn: true, Run: func(ctx context.Context, in iter.Seq[int], f testkit.Callback) error {
			return pipeline.ForEach(ctx, pipeline.From(in), f)
		}},
		{Name: "Buffer", Workers: 1, Ahead: 3, Apart: true, InTurn: true, Run: func(ctx context.Context, in iter.Seq[int], f testkit.Callback) error {
			return pipeline.Drain(ctx, pipeline.Map(pipeline.From(in), same(f), pipeline.Buffer(3)))
		}},
		{Name: "Workers", Workers: workers, Ahead: 3, Apart: true, InTurn: true, Run: func(ctx context.Context, in iter.Seq[int], f testkit.Callback) error {
			return pipeline.Drain(ctx, pipeline.Map(pipeline.From(in), same(f), pipeline.Workers(workers), pipeline.Buffer(3)))
		}},
		{Name: "Workers, unordered", Workers: workers, Ahead: 3, Apart: true, InTurn: true, Run: func(ctx context.Context, in iter.Seq[int], f testkit.Callback) error {
			return pipeline.Drain(ctx, pipeline.Map(pipeline.From(in), same(f), pipeline.Workers(workers), pipeline.Buffer(3), pipeline.Unordered()))
		}},
		{Name: "MapByKey", Workers: workers, Ahead: 3, Apart: true, InTurn: true, Run: func(ctx context.Context, in iter.Seq[int], f testkit.Callback) error {
			return pipeline.Drain(ctx, pipeline.MapByKey(pipeline.From(in), func(n int) int { return n }, same(f), pipeline.Workers(workers), pipeline.Buffer(3)))
		}},
		{Name: "Generate", Workers: 1, InTurn: true, Run: func(ctx context.Context, in iter.Seq[int], f testkit.Callback) error {
			return pipeline.ForEach(ctx, pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
				in(yield)
				return nil
			}), f)
		}},
		{Name: "FromSeq2", Workers: 1, InTurn: true, Run: func(ctx context.Context, in iter.Seq[int], f testkit.Callback) error {
			return pipeline.ForEach(ctx, pipeline.FromSeq2(func(context.Context) iter.Seq2[int, error] {
				return func(yield func(int, error) bool) {
					in(func(n int) bool { return yield(n, nil) })
				}
			}), f)
		}},
		{Name: "FlatMap", Workers: 1, InTurn: true, Run: func(ctx context.Context, in iter.Seq[int], f testkit.Callback) error {
			return pipeline.ForEach(ctx, pipeline.FlatMap(pipeline.From(upTo(1)), func(_ context.Context, _ int, yield func(int) bool) error {
				in(yield)
				return nil
			}), f)
		}},
	} {
		testkit.Sequences(t, consumer)
	}
}

// However a sink ends, at whatever item, nothing goes on behind it.
func TestSinksThatEnd(t *testing.T) {
	type callback func() error
	sinks := map[string]func(context.Context, pipeline.Stream[int], callback) error{
		"ForEach": func(ctx context.Context, s pipeline.Stream[int], f callback) error {
			return pipeline.ForEach(ctx, s, func(context.Context, int) error { return f() })
		},
		"Reduce": func(ctx context.Context, s pipeline.Stream[int], f callback) error {
			_, err := pipeline.Reduce(ctx, s, 0, func(int, int) (int, error) { return 0, f() })
			return err
		},
		"ForEach with workers": func(ctx context.Context, s pipeline.Stream[int], f callback) error {
			return pipeline.ForEach(ctx, s, func(context.Context, int) error { return f() }, pipeline.Workers(1), pipeline.Buffer(0))
		},
		"Tee": func(ctx context.Context, s pipeline.Stream[int], f callback) error {
			return pipeline.Tee(ctx, s, pipeline.Drain, func(ctx context.Context, s pipeline.Stream[int]) error {
				return pipeline.ForEach(ctx, s, func(context.Context, int) error { return f() })
			})
		},
		"a sink in a stage": func(ctx context.Context, s pipeline.Stream[int], f callback) error {
			return pipeline.ForEach(ctx, pipeline.From(upTo(1)), func(ctx context.Context, _ int) error {
				return pipeline.ForEach(ctx, s, func(context.Context, int) error { return f() })
			}, pipeline.Workers(2))
		},
	}
	eachShape(t, func(t *testing.T, through func(pipeline.Stream[int]) pipeline.Stream[int]) {
		for name, sink := range sinks {
			for _, last := range []int{0, 1, 50, 99} {
				for _, how := range []string{"fails", "panics", "exits"} {
					var over atomic.Bool
					s := through(through(pipeline.Map(pipeline.From(upTo(100)), func(_ context.Context, item int) (int, error) {
						time.Sleep(ms)
						if over.Load() {
							t.Error("a call that goes on after the return")
						}
						return item, nil
					})))
					n := -1
					err := errors.New("none, for it has exited")
					ended := make(chan any)
					go func() {
						defer func() { over.Store(true); ended <- recover() }()
						err = sink(t.Context(), s, func() error {
							if n++; n < last {
								return nil
							}
							switch how {
							case "panics":
								panic(how)
							case "exits":
								runtime.Goexit()
							}
							return errItem
						})
					}()
					value := <-ended
					time.Sleep(time.Hour)
					switch {
					case how == "fails":
						require.ErrorIs(t, err, errItem, name)
					case how == "panics":
						require.Equal(t, how, value.(*braid.PanicError).Value, name)
					case name == "ForEach" || name == "Reduce": // on the caller's own goroutine
						require.EqualError(t, err, "none, for it has exited", name)
					default:
						require.ErrorIs(t, err, braid.ErrGoexit, name)
					}
				}
			}
		}
	})
}

// same makes a stage that passes its items on.
func same(f testkit.Callback) func(context.Context, int) (int, error) {
	return func(ctx context.Context, item int) (int, error) { return item, f(ctx, item) }
}

func once(f testkit.Callback) func(context.Context, int, func(int) bool) error {
	return func(ctx context.Context, item int, yield func(int) bool) error {
		if err := f(ctx, item); err != nil {
			return err
		}
		yield(item)
		return nil
	}
}

var errOrder = errors.New("an item in another's place")

// inOrder drains a stream of 0, 1, 2 and so on.
func inOrder(ctx context.Context, s pipeline.Stream[int]) error {
	next := 0
	for item, err := range s.All(ctx) {
		if err != nil {
			return err
		}
		if item != next {
			return errOrder
		}
		next++
	}
	return nil
}
