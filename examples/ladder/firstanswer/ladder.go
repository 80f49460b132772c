package firstanswer

import (
	"context"
	"embed"
	"io"
	"strings"
	"testing"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// Ladder is what `go run ./examples/ladder` shows of this folder.
var Ladder = matrix.Ladder{
	Name: "firstanswer",
	Unit: "call",
	Rungs: []matrix.Rung{
		{Name: "naive", File: "naive.go", Says: "a channel that everybody sends to", Benchmark: perCall(Naive)},
		{Name: "leaking", File: "leaking.go", Says: "the version people write first", Benchmark: perCall(Leaking)},
		{Name: "by hand", File: "byhand.go", Says: "right, as far as forty lines go", Benchmark: perCall(ByHand)},
		{Name: "errgroup", File: "errgroup.go", Says: "with golang.org/x/sync", Benchmark: perCall(Errgroup)},
		{Name: "braid", File: "braid.go", Says: "with braid's fanout", Benchmark: perCall(Braid)},
	},
	Source: source,
}

//go:embed naive.go leaking.go byhand.go errgroup.go braid.go
var source embed.FS

// firsts are those of the rungs, in order.
var firsts = []First{Naive, Leaking, ByHand, Errgroup, Braid}

// perCall measures a call that asks three replicas, one of which answers at once and two when
// they are cancelled. Each call has a context of its own, which it would have in a server,
// and whose end frees the losers of those rungs that leave them behind.
func perCall(first First) func(*testing.B) {
	return func(b *testing.B) {
		replicas := []string{"idle", "quick", "idle"}
		body := io.NopCloser(strings.NewReader(""))
		ask := func(ctx context.Context, replica string) (io.ReadCloser, error) {
			if replica == "quick" {
				return body, nil
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}
		for b.Loop() {
			ctx, cancel := context.WithCancel(b.Context())
			answer, err := first(ctx, replicas, ask)
			cancel()
			if answer != body || err != nil {
				b.Fatal(answer, err)
			}
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N), "ns/call")
	}
}
