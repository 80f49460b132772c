package workerpool

import (
	"context"
	"embed"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// Ladder is what `go run ./examples/ladder` shows of this folder.
var Ladder = matrix.Ladder{
	Name: "workerpool",
	Unit: "task",
	Rungs: []matrix.Rung{
		{Name: "naive", File: "naive.go", Says: "a goroutine per task", Benchmark: perTask(NewNaive)},
		{Name: "leaking", File: "leaking.go", Says: "the version people write first", Benchmark: perTask(NewLeaking)},
		{Name: "by hand", File: "byhand.go", Says: "right, as far as forty lines go", Benchmark: perTask(NewByHand)},
		{Name: "errgroup", File: "errgroup.go", Says: "with golang.org/x/sync", Benchmark: perTask(NewErrgroup)},
		{Name: "braid", File: "braid.go", Says: "with braid's workerpool", Benchmark: perTask(NewBraid)},
	},
	Source: source,
}

//go:embed naive.go leaking.go byhand.go errgroup.go braid.go
var source embed.FS

// constructors are those of the rungs, in order.
var constructors = []func(workers int) Pool{NewNaive, NewLeaking, NewByHand, NewErrgroup, NewBraid}

// perTask measures what a pool adds to a task that does next to nothing, and that all of
// them were run.
func perTask(newPool func(workers int) Pool) func(*testing.B) {
	return func(b *testing.B) {
		pool := newPool(8)
		defer pool.Close()
		var ran atomic.Int64
		tasks := slices.Repeat([]Task{func(context.Context) error {
			ran.Add(1)
			return nil
		}}, 1000)
		for b.Loop() {
			if err := pool.Run(b.Context(), tasks); err != nil {
				b.Fatal(err)
			}
		}
		if want := int64(b.N * len(tasks)); ran.Load() != want {
			b.Fatalf("%d of %d tasks ran", ran.Load(), want)
		}
		b.ReportMetric(float64(b.Elapsed())/float64(ran.Load()), "ns/task")
	}
}
