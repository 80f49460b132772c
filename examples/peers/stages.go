package main

import (
	"context"
	"errors"
	"math"
	"sync"

	"github.com/braidgo/braid/pipeline"
	deliveryhero "github.com/deliveryhero/pipeline/v2"
	"github.com/destel/rill"
	"github.com/reugn/go-streams/extension"
	"github.com/reugn/go-streams/flow"
	"github.com/sourcegraph/conc/stream"
)

// The three stages, of which each contender makes what its library takes.
func increment(item int) int { return item + 1 }
func isEven(item int) bool   { return item%2 == 0 }
func triple(item int) int    { return 3 * item }

// They are variables, so that the plain loop calls them as all others do, through func values.
var (
	incrementStage = func(_ context.Context, item int) (int, error) { return increment(item), nil }
	evenStage      = isEven
	tripleStage    = func(_ context.Context, item int) (int, error) { return triple(item), nil }
	sumStage       = func(sum, result int) (int, error) { return sum + result, nil }
)

// A streamer hands the results of 0 to n-1 to add, one after the other.
type streamer func(n int, add func(result int))

func (run streamer) sum(n int) (sum int) {
	run(n, func(result int) { sum += result })
	return sum
}

// sumInOrder is for results that must only rise, as they do in the order of their items.
func (run streamer) sumInOrder(n int) (sum int) {
	last := -1
	run(n, func(result int) {
		if result <= last {
			sum = math.MinInt // far from what is wanted, and it stays so
		}
		last = result
		sum += result
	})
	return sum
}

func byBraid(options ...pipeline.Option) streamer {
	evenOrSkip := func(_ context.Context, item int) (int, error) {
		if !isEven(item) {
			return 0, pipeline.SkipItem
		}
		return item, nil
	}
	return func(n int, add func(int)) {
		incremented := pipeline.Map(pipeline.From(numbers(n)), incrementStage, options...)
		even := pipeline.Map(incremented, evenOrSkip, options...)
		tripled := pipeline.Map(even, tripleStage, options...)
		must(pipeline.ForEach(context.Background(), tripled, func(_ context.Context, result int) error { add(result); return nil }))
	}
}

// source sends 0 to n-1, each made into what a contender takes, into a channel that it then closes.
func source[T any](n, buffer int, item func(int) T) chan T {
	items := make(chan T, buffer)
	go func() {
		defer close(items)
		for number := range numbers(n) {
			items <- item(number)
		}
	}()
	return items
}

func asItIs(item int) int { return item }

func byChannels(workers, buffer int) streamer {
	stage := func(in chan int, f func(item int) (result int, keep bool)) chan int {
		out := make(chan int, buffer)
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for item := range in {
					if result, keep := f(item); keep {
						out <- result
					}
				}
			})
		}
		go func() { all.Wait(); close(out) }()
		return out
	}
	return func(n int, add func(int)) {
		incremented := stage(source(n, buffer, asItIs), func(item int) (int, bool) { return increment(item), true })
		even := stage(incremented, func(item int) (int, bool) { return item, isEven(item) })
		for result := range stage(even, func(item int) (int, bool) { return triple(item), true }) {
			add(result)
		}
	}
}

func byRill(workers int, items func(n int) <-chan rill.Try[int]) streamer {
	return func(n int, add func(int)) {
		incremented := rill.Map(items(n), workers, rillMapper(increment))
		even := rill.Filter(incremented, workers, rillFilter)
		must(rill.ForEach(rill.Map(even, workers, rillMapper(triple)), 1, rillSink(add)))
	}
}

// rillSeq is rill's own source for a sequence. Its channel has no buffer; rillBuffered is what one can do about that.
func rillSeq(n int) <-chan rill.Try[int] { return rill.FromSeq(numbers(n), nil) }

func rillBuffered(n int) <-chan rill.Try[int] { return source(n, stageBuffer, rillItem) }

func byRillInOrder(workers int, items func(n int) <-chan rill.Try[int]) streamer {
	return func(n int, add func(int)) {
		incremented := rill.OrderedMap(items(n), workers, rillMapper(increment))
		even := rill.OrderedFilter(incremented, workers, rillFilter)
		must(rill.ForEach(rill.OrderedMap(even, workers, rillMapper(triple)), 1, rillSink(add)))
	}
}

func rillItem(item int) rill.Try[int] { return rill.Try[int]{Value: item} }

func rillMapper(f func(int) int) func(int) (int, error) {
	return func(item int) (int, error) { return f(item), nil }
}

func rillFilter(item int) (bool, error) { return isEven(item), nil }

func rillSink[T any](add func(T)) func(T) error {
	return func(result T) error { add(result); return nil }
}

func byGoStreams(parallelism int) streamer {
	return func(n int, add func(int)) {
		tripled := extension.NewChanSource(source(n, stageBuffer, boxed)).
			Via(flow.NewMap(increment, parallelism)).
			Via(flow.NewFilter(isEven, parallelism)).
			Via(flow.NewMap(triple, parallelism))
		for result := range tripled.Out() {
			add(result.(int))
		}
	}
}

func boxed(item int) any { return item }

// byConc has one stage, as conc has no others.
func byConc(workers int) streamer {
	return func(n int, add func(int)) {
		nothing := func() {}
		tasks := stream.New().WithMaxGoroutines(workers)
		for item := range numbers(n) {
			tasks.Go(func() stream.Callback {
				incremented := increment(item)
				if !isEven(incremented) {
					return nothing
				}
				tripled := triple(incremented)
				return func() { add(tripled) }
			})
		}
		tasks.Wait()
	}
}

func heroProcessor(f func(int) int) deliveryhero.Processor[int, int] {
	return deliveryhero.NewProcessor(func(_ context.Context, item int) (int, error) { return f(item), nil }, func(int, error) {})
}

// heroFilter fails for what is to be dropped: deliveryhero has no other way.
func heroFilter() deliveryhero.Processor[int, int] {
	errOdd := errors.New("odd")
	return deliveryhero.NewProcessor(func(_ context.Context, item int) (int, error) {
		if !isEven(item) {
			return 0, errOdd
		}
		return item, nil
	}, func(int, error) {})
}
