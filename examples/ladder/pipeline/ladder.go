package pipeline

import (
	"context"
	"embed"
	"iter"
	"strconv"
	"testing"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// Ladder is what `go run ./examples/ladder` shows of this folder.
var Ladder = matrix.Ladder{
	Name: "pipeline",
	Unit: "item",
	Rungs: []matrix.Rung{
		{Name: "naive", File: "naive.go", Says: "one stage after the other", Benchmark: perItem(Naive)},
		{Name: "leaking", File: "leaking.go", Says: "the version people write first", Benchmark: perItem(Leaking)},
		{Name: "by hand", File: "byhand.go", Says: "right, as far as forty lines go", Benchmark: perItem(ByHand)},
		{Name: "errgroup", File: "errgroup.go", Says: "with golang.org/x/sync", Benchmark: perItem(Errgroup)},
		{Name: "braid", File: "braid.go", Says: "with braid's pipeline", Benchmark: perItem(Braid)},
	},
	Source: source,
}

//go:embed naive.go leaking.go byhand.go errgroup.go braid.go
var source embed.FS

// pipelines are those of the rungs, in order.
var pipelines = []Pipeline{Naive, Leaking, ByHand, Errgroup, Braid}

// perItem measures what a pipeline adds to an item for which the stages do next to nothing, and
// that each was collected.
func perItem(run Pipeline) func(*testing.B) {
	return func(b *testing.B) {
		const items = 10_000
		lines := make([]string, items)
		for i := range lines {
			lines[i] = strconv.Itoa(i)
		}
		source := func(context.Context) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				for _, line := range lines {
					if !yield(line, nil) {
						return
					}
				}
			}
		}
		double := func(_ context.Context, number int) (int, error) { return 2 * number, nil }
		for b.Loop() {
			sum := 0
			err := run(b.Context(), 8, source, double, func(result int) bool {
				sum += result
				return true
			})
			if err != nil {
				b.Fatal(err)
			}
			if want := items * (items - 1); sum != want {
				b.Fatalf("the results add up to %d, not %d", sum, want)
			}
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N*items), "ns/item")
	}
}
