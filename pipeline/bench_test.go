package pipeline_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/braidgo/braid/pipeline"
)

func TestSmoke(t *testing.T) {
	ctx := t.Context()
	inc := func(_ context.Context, x int) (int, error) { return x + 1, nil }
	for name, opts := range map[string][]Option{"fused": nil, "w4": {Workers(4)}, "w1": {Workers(1)}, "b": {Buffer(3)}, "b0": {Buffer(0)}, "w2b0": {Workers(2), Buffer(0)}, "un": {Workers(4), Unordered()}} {
		s := Map(Map(From(upTo(10000)), inc, opts...), inc, opts...)
		got, err := Collect(ctx, s)
		require.NoError(t, err, name)
		require.Equal(t, 10000, len(got))
		if name == "un" {
			slices.Sort(got)
		}
		for i, g := range got {
			require.Equal(t, i+2, g, name)
		}
		f := FlatMap(From(upTo(1000)), func(_ context.Context, x int, yield func(int) bool) error {
			for i := range 30 {
				if !yield(x*30 + i) {
					return nil
				}
			}
			return nil
		}, opts...)
		got, err = Collect(ctx, f)
		require.NoError(t, err, name)
		require.Equal(t, 30000, len(got), name)
		if name == "un" {
			slices.Sort(got)
		}
		for i, g := range got {
			require.Equal(t, i, g, name)
		}
		k := MapByKey(From(upTo(10000)), func(i int) int { return i % 7 }, inc, opts...)
		got, err = Collect(ctx, k)
		require.NoError(t, err, name)
		require.Equal(t, 10000, len(got))
		n := 0
		for v, err := range Take(s, 5).All(ctx) {
			require.NoError(t, err)
			_ = v
			n++
		}
		require.Equal(t, 5, n)
		for v, err := range s.All(ctx) {
			require.NoError(t, err)
			if v > 3 {
				break
			}
		}
		b, err := Collect(ctx, Batch(s, 100, time.Millisecond))
		require.NoError(t, err)
		require.Greater(t, len(b), 99)
		var r Report
		err = Drain(ctx, Observe(Batch(Merge(s, s), 100, 0), &r))
		require.NoError(t, err)
		t.Log(r.Mermaid())
	}
}

func sum3(b *testing.B, opts ...Option) {
	n := b.N
	inc := func(_ context.Context, x int) (int, error) { return x + 1, nil }
	tri := func(_ context.Context, x int) (int, error) { return x * 3, nil }
	s := Map(From(upTo(n)), inc, opts...)
	if opts == nil {
		s = Filter(s, func(x int) bool { return x%2 == 0 })
	} else {
		s = Map(s, func(_ context.Context, x int) (int, error) {
			if x%2 != 0 {
				return 0, SkipItem
			}
			return x, nil
		}, opts...)
	}
	s = Map(s, tri, opts...)
	_, err := Reduce(context.Background(), s, 0, func(a, x int) (int, error) { return a + x, nil })
	if err != nil {
		b.Fatal(err)
	}
}

func BenchmarkFused(b *testing.B)     { sum3(b) }
func BenchmarkOrdered(b *testing.B)   { sum3(b, Workers(4)) }
func BenchmarkUnordered(b *testing.B) { sum3(b, Workers(4), Unordered()) }
func BenchmarkOne(b *testing.B)       { sum3(b, Workers(1)) }
func BenchmarkBuffer(b *testing.B)    { sum3(b, Buffer(64)) }
func BenchmarkBatch(b *testing.B) {
	if err := Drain(context.Background(), Batch(From(upTo(b.N)), 100, 10*time.Millisecond)); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkLoop(b *testing.B) {
	var inc, tri func(context.Context, int) (int, error) = func(_ context.Context, x int) (int, error) { return x + 1, nil }, func(_ context.Context, x int) (int, error) { return x * 3, nil }
	keep := func(x int) bool { return x%2 == 0 }
	ctx := context.Background()
	loop(b, ctx, inc, tri, keep)
}

//go:noinline
func loop(b *testing.B, ctx context.Context, inc, tri func(context.Context, int) (int, error), keep func(int) bool) {
	sum := 0
	for i := range upTo(b.N) {
		x, err := inc(ctx, i)
		if err != nil {
			b.Fatal(err)
		}
		if !keep(x) {
			continue
		}
		x, err = tri(ctx, x)
		if err != nil {
			b.Fatal(err)
		}
		sum += x
	}
	if sum == 0 {
		b.Log(sum)
	}
}
