package main

import (
	"context"
	"runtime"
	"slices"

	"github.com/braidgo/braid/fanout"
	"github.com/braidgo/braid/pipeline"
	deliveryhero "github.com/deliveryhero/pipeline/v2"
	"github.com/destel/rill"
	"github.com/samber/ro"
)

const (
	unbufferedChannels = "unbuffered channels"
	bufferedChannels   = "buffered channels"
	rillStream         = "rill"
	rillWithBuffer     = "rill, source with a buffer"
	heroStream         = "deliveryhero"
	goStreams          = "go-streams"
	samberRo           = "samber/ro"
	concStream         = "conc/stream"

	// stageBuffer is the buffer of the channels that a library leaves to its user. Most are much faster with one.
	stageBuffer = 128
)

// pipelineWorks are about stages that are joined into a stream.
func pipelineWorks() []work {
	return []work{fusedWork(), orderedWork(), unorderedWork(), latencyWork(), waitingWork(), batchWork(), collectWork()}
}

func stagesWork(name, title string) work {
	return work{
		name: name, title: title,
		task: "A task is an integer that becomes x+1, is dropped unless even, becomes 3x and is added up. Background context.",
		unit: "ns a task", n: 200_000, quick: 2_000,
		want: func(n int) int { return 3 * (n / 2) * (n/2 + 1) },
	}
}

// fusedWork is about what a stage costs that needs no goroutine.
func fusedWork() work {
	w := stagesWork("pipeline/fused", "a pipeline of three stages, no workers")
	w.bounds = []bound{
		atLeast(40, "× faster than rill", func(r result) float64 { return r.ratio(rillStream, braid) }),
		atLeast(4, "× faster than samber/ro", func(r result) float64 { return r.ratio(samberRo, braid) }),
		allocsAtMost(0),
	}
	ctx := context.Background()
	w.contenders = []contender{
		{name: braid, setup: "From, Map, Filter, Map, Reduce", run: func(n int) int {
			incremented := pipeline.Map(pipeline.From(numbers(n)), incrementStage)
			tripled := pipeline.Map(pipeline.Filter(incremented, evenStage), tripleStage)
			return mustGet(pipeline.Reduce(ctx, tripled, 0, sumStage))
		}},
		{name: plainLoop, setup: "for item := range numbers, which calls the same functions", run: func(n int) (sum int) {
			for item := range numbers(n) {
				item = mustGet(incrementStage(ctx, item))
				if evenStage(item) {
					sum = mustGet(sumStage(sum, mustGet(tripleStage(ctx, item))))
				}
			}
			return sum
		}},
		{name: unbufferedChannels, setup: "a goroutine a stage, make(chan int)", run: byChannels(1, 0).sumInOrder},
		{name: bufferedChannels, setup: "a goroutine a stage, make(chan int, 128)", run: byChannels(1, stageBuffer).sumInOrder},
		{name: rillStream, setup: "FromSeq, Map, Filter, Map, ForEach, n = 1", peer: true, run: byRill(1, rillSeq).sumInOrder},
		{name: rillWithBuffer, setup: "make(chan Try[int], 128), Map, Filter, Map, ForEach, n = 1", peer: true, run: byRill(1, rillBuffered).sumInOrder},
		{name: heroStream, setup: "make(chan int, 128), Process of a Sequence of all three", peer: true,
			run: streamer(func(n int, add func(int)) {
				all := deliveryhero.Sequence(heroProcessor(increment), heroFilter(), heroProcessor(triple))
				for result := range deliveryhero.Process(ctx, all, source(n, stageBuffer, asItIs)) {
					add(result)
				}
			}).sumInOrder},
		{name: goStreams, setup: "ChanSource of make(chan any, 128), Map, Filter, Map, parallelism 1", peer: true, run: byGoStreams(1).sumInOrder},
		{name: samberRo, setup: "NewUnsafeObservableWithContext, Map, Filter, Map, OnNext", peer: true,
			run: streamer(func(n int, add func(int)) {
				ro.Pipe3(
					ro.NewUnsafeObservableWithContext(func(ctx context.Context, destination ro.Observer[int]) ro.Teardown {
						for item := range numbers(n) {
							destination.NextWithContext(ctx, item)
						}
						destination.CompleteWithContext(ctx)
						return nil
					}),
					ro.Map(increment), ro.Filter(isEven), ro.Map(triple),
				).Subscribe(ro.OnNext(add))
			}).sumInOrder},
		{name: concStream, setup: "WithMaxGoroutines(1), Go for each item, which does all three", peer: true, run: byConc(1).sumInOrder},
	}
	return w
}

// orderedWork and unorderedWork are about what it costs to hand an item from goroutine to goroutine. go-streams
// and deliveryhero keep the order only with one worker a stage.
func orderedWork() work {
	const workers = 4
	w := stagesWork("pipeline/ordered", "a pipeline of three stages, 4 workers each, in order")
	w.bounds = []bound{atLeast(5, "× faster than rill", func(r result) float64 { return r.ratio(rillStream, braid) })}
	w.contenders = []contender{
		{name: braid, setup: "From, three times Map with Workers(4), ForEach", run: byBraid(pipeline.Workers(workers)).sumInOrder},
		{name: rillStream, setup: "FromSeq, OrderedMap, OrderedFilter, OrderedMap, n = 4, ForEach", peer: true, run: byRillInOrder(workers, rillSeq).sumInOrder},
		{name: rillWithBuffer, setup: "make(chan Try[int], 128), OrderedMap, OrderedFilter, OrderedMap, n = 4, ForEach", peer: true, run: byRillInOrder(workers, rillBuffered).sumInOrder},
		{name: concStream, setup: "WithMaxGoroutines(4), Go for each item, which does all three", peer: true, run: byConc(workers).sumInOrder},
	}
	return w
}

func unorderedWork() work {
	const workers = 4
	w := stagesWork("pipeline/unordered", "a pipeline of three stages, 4 workers each, in any order")
	w.bounds = []bound{atLeast(3, "× faster than rill", func(r result) float64 { return r.ratio(rillStream, braid) })}
	w.contenders = []contender{
		{name: braid, setup: "From, three times Map with Workers(4) and Unordered, ForEach", run: byBraid(pipeline.Workers(workers), pipeline.Unordered()).sum},
		{name: unbufferedChannels, setup: "4 goroutines a stage, make(chan int)", run: byChannels(workers, 0).sum},
		{name: bufferedChannels, setup: "4 goroutines a stage, make(chan int, 128)", run: byChannels(workers, stageBuffer).sum},
		{name: rillStream, setup: "FromSeq, Map, Filter, Map, n = 4, ForEach", peer: true, run: byRill(workers, rillSeq).sum},
		{name: rillWithBuffer, setup: "make(chan Try[int], 128), Map, Filter, Map, n = 4, ForEach", peer: true, run: byRill(workers, rillBuffered).sum},
		{name: heroStream, setup: "make(chan int, 128), three times ProcessConcurrently with 4", peer: true,
			run: streamer(func(n int, add func(int)) {
				ctx := context.Background()
				incremented := deliveryhero.ProcessConcurrently(ctx, workers, heroProcessor(increment), source(n, stageBuffer, asItIs))
				even := deliveryhero.ProcessConcurrently(ctx, workers, heroFilter(), incremented)
				for result := range deliveryhero.ProcessConcurrently(ctx, workers, heroProcessor(triple), even) {
					add(result)
				}
			}).sum},
		{name: goStreams, setup: "ChanSource of make(chan any, 128), Map, Filter, Map, parallelism 4", peer: true, run: byGoStreams(workers).sum},
	}
	return w
}

// collectWork is about a stream where a slice would do: nothing is handed on but the results.
// Every item is claimed from a counter that the workers share, which takes a cache line to another core and back. So
// where the cores are far apart even a bare counter is beyond the bound: see coreDistance.
func collectWork() work {
	const fanoutOfSlice = "braid, fanout.Map"
	ctx := context.Background()
	f := compute(1)
	return work{
		name: "pipeline/collect", title: "`Collect` of a stage over a slice, 1 µs function",
		task: "A task computes for about a microsecond. Background context, GOMAXPROCS goroutines.",
		unit: "ns a task", n: 30_000, quick: 2_000, want: oneEach,
		bounds: []bound{atMost(1.15, "× `fanout.Map`", func(r result) float64 { return r.ratio(braid, fanoutOfSlice) })},
		contenders: []contender{
			mapper(braid, "From(slices.Values(in)), Map with Workers(GOMAXPROCS), Collect", false, func(in []int, f function) []int {
				mapped := pipeline.Map(pipeline.From(slices.Values(in)), f, pipeline.Workers(runtime.GOMAXPROCS(0)))
				return mustGet(pipeline.Collect(ctx, mapped))
			}, f),
			mapper(fanoutOfSlice, "fanout.Map(ctx, GOMAXPROCS, in, f)", false, func(in []int, f function) []int {
				return mustGet(fanout.Map(ctx, runtime.GOMAXPROCS(0), in, f))
			}, f),
			mapper(rillStream, "FromSlice, OrderedMap with GOMAXPROCS, ToSlice", true, func(in []int, f function) []int {
				return mustGet(rill.ToSlice(rill.OrderedMap(rill.FromSlice(in, nil), runtime.GOMAXPROCS(0), func(item int) (int, error) {
					return f(ctx, item)
				})))
			}, f),
		},
	}
}
