package pipeline_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/braidgo/braid/pipeline"
)

// The work of the benchmarks: x+1, keep the even, x*3, and the sum of all, which is checked.

func increment(_ context.Context, x int) (int, error) { return x + 1, nil }
func triple(_ context.Context, x int) (int, error)    { return 3 * x, nil }
func even(x int) bool                                 { return x%2 == 0 }
func add(sum, x int) (int, error)                     { return sum + x, nil }

func evenOrSkip(_ context.Context, x int) (int, error) {
	if !even(x) {
		return 0, pipeline.SkipItem
	}
	return x, nil
}

// sum is what the work comes to for 0 to n-1: three times 2 + 4 + ... up to n.
func sum(n int) int { return 3 * (n / 2) * (n/2 + 1) }

func check(b *testing.B, got int, err error, want int) {
	if err != nil || got != want {
		b.Fatalf("the sum is %d, not %d (%v)", got, want, err)
	}
}

// BenchmarkLoop is what the stages are compared with: the same functions, called from a
// loop.
func BenchmarkLoop(b *testing.B) {
	check(b, loop(context.Background(), b.N, increment, triple, even), nil, sum(b.N))
}

//go:noinline
func loop(ctx context.Context, n int, first, last func(context.Context, int) (int, error), keep func(int) bool) (sum int) {
	for x := range upTo(n) {
		x, err := first(ctx, x)
		if err != nil || !keep(x) {
			continue
		}
		if x, err = last(ctx, x); err == nil {
			sum += x
		}
	}
	return sum
}

func BenchmarkThreeStages(b *testing.B) {
	ctx := b.Context()
	b.Run("fused", func(b *testing.B) { benchmarkFused(b, context.Background()) })
	b.Run("fused, a context that can end", func(b *testing.B) { benchmarkFused(b, ctx) })
	for _, way := range []struct {
		name string
		opts []pipeline.Option
	}{
		{"buffers", []pipeline.Option{pipeline.Buffer(64)}},
		{"a worker each", []pipeline.Option{pipeline.Workers(1)}},
		{"4 workers each", []pipeline.Option{pipeline.Workers(4)}},
		{"4 workers each, unordered", []pipeline.Option{pipeline.Workers(4), pipeline.Unordered()}},
	} {
		b.Run(way.name, func(b *testing.B) {
			s := pipeline.Map(pipeline.From(upTo(b.N)), increment, way.opts...)
			s = pipeline.Map(pipeline.Map(s, evenOrSkip, way.opts...), triple, way.opts...)
			b.ReportAllocs()
			got, err := pipeline.Reduce(context.Background(), s, 0, add)
			check(b, got, err, sum(b.N))
		})
	}
}

func benchmarkFused(b *testing.B, ctx context.Context) {
	s := pipeline.Map(pipeline.Filter(pipeline.Map(pipeline.From(upTo(b.N)), increment), even), triple)
	b.ReportAllocs()
	got, err := pipeline.Reduce(ctx, s, 0, add)
	check(b, got, err, sum(b.N))
}

func BenchmarkOtherStages(b *testing.B) {
	for _, stage := range []struct {
		name string
		make func(pipeline.Stream[int]) pipeline.Stream[int]
	}{
		{"Batch(100, 0)", func(s pipeline.Stream[int]) pipeline.Stream[int] { return pipeline.Flatten(pipeline.Batch(s, 100, 0)) }},
		{"Batch(100, 10ms)", func(s pipeline.Stream[int]) pipeline.Stream[int] {
			return pipeline.Flatten(pipeline.Batch(s, 100, 10*time.Millisecond))
		}},
		{"Session(100, 10ms)", func(s pipeline.Stream[int]) pipeline.Stream[int] {
			return pipeline.Flatten(pipeline.Session(s, 100, 10*time.Millisecond))
		}},
		{"FlatMap", func(s pipeline.Stream[int]) pipeline.Stream[int] { return pipeline.FlatMap(s, keepOne) }},
		{"FlatMap, 4 workers", func(s pipeline.Stream[int]) pipeline.Stream[int] {
			return pipeline.FlatMap(s, keepOne, pipeline.Workers(4))
		}},
		{"FlatMap, 4 workers, unordered", func(s pipeline.Stream[int]) pipeline.Stream[int] {
			return pipeline.FlatMap(s, keepOne, pipeline.Workers(4), pipeline.Unordered())
		}},
		{"MapByKey, 100 keys, 4 workers", func(s pipeline.Stream[int]) pipeline.Stream[int] {
			return pipeline.MapByKey(s, func(x int) int { return x % 100 }, keep, pipeline.Workers(4))
		}},
		{"Observe", func(s pipeline.Stream[int]) pipeline.Stream[int] {
			return pipeline.Observe(pipeline.Map(s, keep), new(pipeline.Report))
		}},
	} {
		b.Run(stage.name, func(b *testing.B) {
			b.ReportAllocs()
			got, err := pipeline.Reduce(context.Background(), stage.make(pipeline.From(upTo(b.N))), 0, add)
			check(b, got, err, b.N*(b.N-1)/2)
		})
	}
}

// BenchmarkRun is what a run costs, whatever the number of items.
func BenchmarkRun(b *testing.B) {
	for name, opts := range map[string][]pipeline.Option{"fused": nil, "4 workers": {pipeline.Workers(4)}} {
		b.Run(name, func(b *testing.B) {
			s := pipeline.Map(pipeline.From(upTo(1)), keep, opts...)
			b.ReportAllocs()
			for b.Loop() {
				if err := pipeline.Drain(context.Background(), s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMemory sends 100 million integers through five stages (fewer in a benchmark
// that runs once) and reports the most memory that was in use at any time, beyond what
// was in use before.
//
//	go test -bench Memory -benchtime 100000000x -run '^$' ./pipeline
func BenchmarkMemory(b *testing.B) {
	for name, opts := range map[string][]pipeline.Option{"fused": nil, "4 workers each": {pipeline.Workers(4)}} {
		b.Run(name, func(b *testing.B) {
			s := pipeline.Map(pipeline.From(upTo(b.N)), increment, opts...)
			s = pipeline.Map(pipeline.Map(s, evenOrSkip, opts...), triple, opts...)
			s = pipeline.Flatten(pipeline.Batch(s, 100, 0))
			runtime.GC()
			var before, now runtime.MemStats
			runtime.ReadMemStats(&before)
			most, n := uint64(0), 0
			got, err := pipeline.Reduce(context.Background(), s, 0, func(sum, x int) (int, error) {
				if n++; n%(1<<20) == 0 {
					runtime.ReadMemStats(&now)
					most = max(most, now.HeapInuse+now.StackInuse)
				}
				return sum + x, nil
			})
			check(b, got, err, sum(b.N))
			if most > 0 {
				b.ReportMetric(float64(int64(most)-int64(before.HeapInuse+before.StackInuse))/(1<<20), "MiB")
			}
		})
	}
}
