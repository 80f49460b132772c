package main

import (
	"context"
	"time"

	"github.com/braidgo/braid/pipeline"
	"github.com/destel/rill"
)

// latencyWork is about how long an item takes that is alone in the stream, and so finds every stage asleep.
func latencyWork() work {
	const stages = 3
	return work{
		name: "pipeline/latency", title: "a pipeline of three stages, 1 worker each, one item at a time",
		task: "A task is an integer to which each stage adds one. The source sends the next when the sink, through an unbuffered channel, says that it has it.",
		unit: "ns a round trip", n: 50_000, quick: 1_000,
		want:   func(n int) int { return n*(n-1)/2 + stages*n },
		bounds: []bound{atMost(1.3, "× "+unbufferedChannels, func(r result) float64 { return r.ratio(braid, unbufferedChannels) })},
		contenders: []contender{
			{name: braid, setup: "Generate, three times Map with Workers(1), ForEach", run: roundTrips(func(n int, arrived chan struct{}, add func(int)) {
				items := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
					for item := range n {
						if !yield(item) {
							return nil
						}
						<-arrived
					}
					return nil
				})
				for range stages {
					items = pipeline.Map(items, incrementStage, pipeline.Workers(1))
				}
				must(pipeline.ForEach(context.Background(), items, func(_ context.Context, result int) error { add(result); return nil }))
			})},
			{name: unbufferedChannels, setup: "a goroutine a stage, make(chan int)", run: roundTrips(roundTripsByChannels(stages, 0))},
			{name: unbufferedChannels + ", six hops", setup: "the same, and between two stages a goroutine that forwards", run: roundTrips(roundTripsByChannels(stages, 1))},
			{name: rillStream, setup: "Generate, three times Map, ForEach, n = 1", peer: true, run: roundTrips(func(n int, arrived chan struct{}, add func(int)) {
				items := rill.Generate(func(send func(int), _ func(error)) {
					for item := range n {
						send(item)
						<-arrived
					}
				})
				for range stages {
					items = rill.Map(items, 1, rillMapper(increment))
				}
				must(rill.ForEach(items, 1, rillSink(add)))
			})},
		},
	}
}

// roundTrips adds up the results and tells the source, through arrived, of each.
func roundTrips(run func(n int, arrived chan struct{}, add func(result int))) func(n int) int {
	return func(n int) (sum int) {
		arrived := make(chan struct{})
		run(n, arrived, func(result int) {
			sum += result
			arrived <- struct{}{}
		})
		return sum
	}
}

// roundTripsByChannels puts so many goroutines between two stages that only forward.
func roundTripsByChannels(stages, forwarders int) func(n int, arrived chan struct{}, add func(int)) {
	stage := func(in chan int, f func(int) int) chan int {
		out := make(chan int)
		go func() {
			defer close(out)
			for item := range in {
				out <- f(item)
			}
		}()
		return out
	}
	return func(n int, arrived chan struct{}, add func(int)) {
		items := make(chan int)
		go func() {
			defer close(items)
			for item := range n {
				items <- item
				<-arrived
			}
		}()
		results := stage(items, increment)
		for range stages - 1 {
			for range forwarders {
				results = stage(results, asItIs)
			}
			results = stage(results, increment)
		}
		for result := range results {
			add(result)
		}
	}
}

// waitingWork is about a stage that waits, as for a network: then all of its workers should, all the time.
func waitingWork() work {
	const (
		workers        = 32
		braidUnordered = "braid, Unordered"
		rillOrdered    = "rill, in order"
		wait           = 50 * time.Microsecond
	)
	waitStage := func(_ context.Context, item int) (int, error) { time.Sleep(wait); return increment(item), nil }
	byRill := func(stage func(<-chan rill.Try[int], int, func(int) (int, error)) <-chan rill.Try[int]) streamer {
		return func(n int, add func(int)) {
			waited := stage(rill.FromSeq(numbers(n), nil), workers, func(item int) (int, error) { return waitStage(context.Background(), item) })
			must(rill.ForEach(waited, 1, rillSink(add)))
		}
	}
	byBraid := func(options ...pipeline.Option) streamer {
		return func(n int, add func(int)) {
			waited := pipeline.Map(pipeline.From(numbers(n)), waitStage, options...)
			must(pipeline.ForEach(context.Background(), waited, func(_ context.Context, result int) error { add(result); return nil }))
		}
	}
	return work{
		name: "pipeline/waiting", title: "a pipeline of one stage that waits 50 µs, 32 workers",
		task: "A task sleeps for 50 µs, or what the system makes of that, and adds one to an integer. Background context.",
		unit: "ns a task", n: 5_000, quick: 500,
		want: func(n int) int { return n * (n + 1) / 2 },
		bounds: []bound{
			atMost(1.1, "× "+rillOrdered, func(r result) float64 { return r.ratio(braid, rillOrdered) }),
			atMost(1.1, "× rill, both in any order", func(r result) float64 { return r.ratio(braidUnordered, rillStream) }),
		},
		contenders: []contender{
			{name: braid, setup: "From, Map with Workers(32), ForEach", run: byBraid(pipeline.Workers(workers)).sumInOrder},
			{name: braidUnordered, setup: "the same with Unordered", run: byBraid(pipeline.Workers(workers), pipeline.Unordered()).sum},
			{name: rillOrdered, setup: "FromSeq, OrderedMap with 32, ForEach", peer: true, run: byRill(rill.OrderedMap[int, int]).sumInOrder},
			{name: rillStream, setup: "FromSeq, Map with 32, ForEach", peer: true, run: byRill(rill.Map[int, int]).sum},
		},
	}
}
