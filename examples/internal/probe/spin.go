package probe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/braidgo/braid/fanout"
	"github.com/braidgo/braid/pipeline"
)

// Steps is how many numbers of the generator a chunk of work is. In Go it takes some 20 µs.
const Steps = 10_000

// turn makes steps of Marsaglia's xorshift generator: each needs the one before, touches no
// memory, and is the same in every language, so that the sums must be, too.
func turn(x uint32, steps int) uint32 {
	for range steps {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
	}
	return x
}

// Spun is what became of the chunks: from when to when, and the sum of their results.
type Spun struct {
	Began, Ended time.Time
	Sum          uint32
}

// Spin works on chunks 1 to n on so many workers, with fanout.Map or with two stages of a
// pipeline.
func Spin(ctx context.Context, pattern string, workers, n int) (Spun, error) {
	spin, known := map[string]func(context.Context, int, []uint32) (uint32, error){
		"map": spinMap, "pipeline": spinPipeline,
	}[pattern]
	if !known {
		return Spun{}, fmt.Errorf("no such pattern: %q", pattern)
	}
	seeds := make([]uint32, n)
	for i := range seeds {
		seeds[i] = uint32(i) + 1
	}
	began := time.Now()
	sum, err := spin(ctx, workers, seeds)
	return Spun{began, time.Now(), sum}, err
}

func spinMap(ctx context.Context, workers int, seeds []uint32) (sum uint32, err error) {
	results, err := fanout.Map(ctx, workers, seeds, func(_ context.Context, seed uint32) (uint32, error) {
		return turn(seed, Steps), nil
	})
	for _, x := range results {
		sum += x
	}
	return sum, err
}

func spinPipeline(ctx context.Context, workers int, seeds []uint32) (sum uint32, err error) {
	half := func(_ context.Context, x uint32) (uint32, error) { return turn(x, Steps/2), nil }
	first := pipeline.Map(pipeline.From(slices.Values(seeds)), half, pipeline.Workers(workers))
	second := pipeline.Map(first, half, pipeline.Workers(workers))
	err = pipeline.ForEach(ctx, second, func(_ context.Context, x uint32) error {
		sum += x
		return nil
	})
	return sum, err
}
