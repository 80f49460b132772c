package parallelmap

import (
	"context"
	"embed"
	"testing"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// Ladder is what `go run ./examples/ladder` shows of this folder.
var Ladder = matrix.Ladder{
	Name: "parallelmap",
	Unit: "element",
	Rungs: []matrix.Rung{
		{Name: "naive", File: "naive.go", Says: "a goroutine per element", Benchmark: perElement(Naive)},
		{Name: "leaking", File: "leaking.go", Says: "the version people write first", Benchmark: perElement(Leaking)},
		{Name: "by hand", File: "byhand.go", Says: "right, in forty lines", Benchmark: perElement(ByHand)},
		{Name: "errgroup", File: "errgroup.go", Says: "with golang.org/x/sync", Benchmark: perElement(Errgroup)},
		{Name: "braid", File: "braid.go", Says: "with braid's fanout", Benchmark: perElement(Braid)},
	},
	Source: source,
}

//go:embed naive.go leaking.go byhand.go errgroup.go braid.go
var source embed.FS

// maps are those of the rungs, in order.
var maps = []Map{Naive, Leaking, ByHand, Errgroup, Braid}

// perElement measures what a map adds to an element whose function does next to nothing, and
// that it was called for all of them.
func perElement(run Map) func(*testing.B) {
	return func(b *testing.B) {
		in := make([]int, 10_000)
		for i := range in {
			in[i] = i
		}
		double := func(_ context.Context, element int) (int, error) { return 2 * element, nil }
		for b.Loop() {
			out, err := run(b.Context(), 8, in, double)
			if err != nil {
				b.Fatal(err)
			}
			sum := 0
			for _, value := range out {
				sum += value
			}
			if want := len(in) * (len(in) - 1); sum != want {
				b.Fatalf("the results add up to %d, not %d", sum, want)
			}
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N*len(in)), "ns/element")
	}
}
