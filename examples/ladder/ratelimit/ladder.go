package ratelimit

import (
	"embed"
	"testing"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// Ladder is what `go run ./examples/ladder` shows of this folder.
var Ladder = matrix.Ladder{
	Name: "ratelimit",
	Unit: "event",
	Rungs: []matrix.Rung{
		{Name: "ticker", File: "ticker.go", Says: "an event for each tick", Benchmark: perEvent(NewTicker)},
		{Name: "per call", File: "percall.go", Says: "a new limiter for every call", Benchmark: perEvent(NewPerCall)},
		{Name: "by hand", File: "byhand.go", Says: "a mutex and a counter, in forty lines", Benchmark: perEvent(NewByHand)},
		{Name: "xtime", File: "xtime.go", Says: "with golang.org/x/time/rate", Benchmark: perEvent(NewXTime)},
		{Name: "braid", File: "braid.go", Says: "with braid's ratelimit", Benchmark: perEvent(NewBraid)},
	},
	Source: source,
}

//go:embed ticker.go percall.go byhand.go xtime.go braid.go
var source embed.FS

// constructors are those of the rungs, in order.
var constructors = []func(perSecond, burst int) Limiter{NewTicker, NewPerCall, NewByHand, NewXTime, NewBraid}

// perEvent measures what it takes to ask whether an event may happen. Mostly it may not: a
// limiter has to be quick when there is too much of everything.
func perEvent(newLimiter func(perSecond, burst int) Limiter) func(*testing.B) {
	return func(b *testing.B) {
		limiter := newLimiter(1000, 10)
		for b.Loop() {
			limiter.AllowN(1)
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N), "ns/event")
	}
}
