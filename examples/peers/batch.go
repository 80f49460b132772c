package main

import (
	"context"
	"time"

	"github.com/braidgo/braid/pipeline"
	deliveryhero "github.com/deliveryhero/pipeline/v2"
	"github.com/destel/rill"
	"github.com/reugn/go-streams/extension"
	"github.com/reugn/go-streams/flow"
)

// batchWork is about batches that must not wait for ever, of a source that never makes them wait.
func batchWork() work {
	const size, maxWait = 100, 10 * time.Millisecond
	// each counts the items that come in their order.
	each := func(name, setup string, peer bool, run func(n int, add func(batch []int))) contender {
		return contender{name: name, setup: setup, peer: peer, run: func(n int) (next int) {
			run(n, func(batch []int) {
				for _, item := range batch {
					if item == next {
						next++
					}
				}
			})
			return next
		}}
	}
	return work{
		name: "pipeline/batch", title: "`Batch(100, 10 ms)` of a fast source",
		task: "A task is an integer that arrives in a batch. Background context.",
		unit: "ns a task", n: 200_000, quick: 2_000, want: oneEach,
		bounds: []bound{atLeast(5, "× faster than rill", func(r result) float64 { return r.ratio(rillStream, braid) })},
		contenders: []contender{
			each(braid, "From, Batch(100, 10 * time.Millisecond), ForEach", false, func(n int, add func([]int)) {
				batches := pipeline.Batch(pipeline.From(numbers(n)), size, maxWait)
				must(pipeline.ForEach(context.Background(), batches, func(_ context.Context, batch []int) error { add(batch); return nil }))
			}),
			each(rillStream, "FromSeq, Batch, ForEach, n = 1", true, func(n int, add func([]int)) {
				must(rill.ForEach(rill.Batch(rillSeq(n), size, maxWait), 1, rillSink(add)))
			}),
			each(rillWithBuffer, "make(chan Try[int], 128), Batch, ForEach, n = 1", true, func(n int, add func([]int)) {
				must(rill.ForEach(rill.Batch(rillBuffered(n), size, maxWait), 1, rillSink(add)))
			}),
			each(heroStream, "make(chan int, 128), Collect", true, func(n int, add func([]int)) {
				for batch := range deliveryhero.Collect(context.Background(), size, maxWait, source(n, stageBuffer, asItIs)) {
					add(batch)
				}
			}),
			each(goStreams, "ChanSource of make(chan any, 128), Batch", true, func(n int, add func([]int)) {
				for batch := range extension.NewChanSource(source(n, stageBuffer, boxed)).Via(flow.NewBatch[int](size, maxWait)).Out() {
					add(batch.([]int))
				}
			}),
		},
	}
}
