package main

import (
	"context"
	stditer "iter"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/braidgo/braid/fanout"
	"github.com/destel/rill"
	loparallel "github.com/samber/lo/parallel"
	"github.com/sourcegraph/conc/iter"
	concpool "github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"
)

const (
	splitByHand    = "split by hand"
	plainLoop      = "plain loop"
	oneAtomicIndex = "one atomic index"
	concIter       = "conc/iter"
	fanoutMap      = "braid, Map"
)

// mapWorks are about one function for each element of a slice, on as many goroutines as there are cores.
func mapWorks() []work {
	cores := float64(runtime.GOMAXPROCS(0))
	trivial := mapWork("map/trivial", "`Map`, trivial function", "A task doubles an integer.", 1_000_000, double)
	trivial.bounds = []bound{
		atMost(2, "× the split by hand", func(r result) float64 { return r.ratio(braid, splitByHand) }),
		atLeast(8, "× faster than conc/iter", func(r result) float64 { return r.ratio(concIter, braid) }),
	}
	trivial.contenders = append(trivial.contenders,
		mapper("braid, a context that can end", "Map(ctx, GOMAXPROCS, in, f), and ctx has a Done channel", false, func(in []int, f function) []int {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			return mustGet(fanout.Map(ctx, runtime.GOMAXPROCS(0), in, f))
		}, double))

	microsecond := mapWork("map/microsecond", "`Map`, 1 µs function", "A task computes for about a microsecond.", 30_000, compute(1))
	microsecond.bounds = []bound{
		atMost(1.05, "× the split by hand", func(r result) float64 { return r.ratio(braid, splitByHand) }),
	}

	// All elements together take as long as the plain loop, and the longest a part of that.
	const cheap, expensive, times = 1_900, 100, 1_000
	skewed := mapWork("map/skewed", "`Map`, 1,900 cheap elements, then 100 that cost a thousand times as much",
		"A task computes for about a microsecond, and the last 5 % for a thousand.", cheap+expensive,
		func(ctx context.Context, element int) (int, error) {
			if element%(cheap+expensive) < cheap {
				return compute(1)(ctx, element)
			}
			return compute(times)(ctx, element)
		})
	skewed.quick = cheap + expensive
	skewed.bounds = []bound{
		atMost(1.1, "× the plain loop / cores + the longest element", func(r result) float64 {
			return r.ratio(braid, plainLoop) / (1/cores + float64(times)/(cheap+expensive*times))
		}),
	}
	return []work{trivial, microsecond, skewed, forEachWork()}
}

type function = func(context.Context, int) (int, error)

func double(_ context.Context, element int) (int, error) { return 2 * element, nil }

// compute returns a function that computes for some microseconds and then doubles.
func compute(microseconds int) function {
	return func(_ context.Context, element int) (int, error) {
		x := uint64(element) | 1
		for range 600 * microseconds {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
		if x == 0 { // it never is; but without looking at it the compiler would compute nothing
			return 0, nil
		}
		return 2 * element, nil
	}
}

// mapper makes a contender whose results are all looked at, after the clock has stopped.
func mapper(name, setup string, peer bool, run func(in []int, f function) []int, f function) contender {
	var in, out []int
	return contender{name: name, setup: setup, peer: peer,
		run: func(n int) int {
			out = run(in[:n], f)
			return n
		},
		prepare: func(n int) {
			in, out = make([]int, n), nil
			for i := range in {
				in[i] = i
			}
		},
		proof: func() (right int) {
			for i, result := range out {
				if result == 2*i {
					right++
				}
			}
			return right
		},
	}
}

func mapWork(name, title, task string, n int, f function) work {
	w := work{
		name: name, title: title, task: task + " Background context, GOMAXPROCS goroutines.",
		unit: "ns a task", n: n, quick: 2_000, want: oneEach,
	}
	for _, way := range []struct {
		name, setup string
		peer        bool
		run         func(in []int, f function) []int
	}{
		{braid, "fanout.Map(ctx, GOMAXPROCS, in, f)", false, func(in []int, f function) []int {
			return mustGet(fanout.Map(context.Background(), runtime.GOMAXPROCS(0), in, f))
		}},
		{splitByHand, "GOMAXPROCS goroutines, an equal part of the slice for each", false, mapSplitByHand},
		{plainLoop, "for i := range in, on one core", false, func(in []int, f function) []int {
			out := make([]int, len(in))
			for i := range in {
				out[i] = mustGet(f(context.Background(), in[i]))
			}
			return out
		}},
		{oneAtomicIndex, "GOMAXPROCS goroutines, next.Add(1) for each element", false, mapByAtomicIndex},
		{concIter, "iter.Mapper{MaxGoroutines: GOMAXPROCS}.MapErr", true, func(in []int, f function) []int {
			mapper := iter.Mapper[int, int]{MaxGoroutines: runtime.GOMAXPROCS(0)}
			return mustGet(mapper.MapErr(in, func(element *int) (int, error) { return f(context.Background(), *element) }))
		}},
		{errGroup, "SetLimit(GOMAXPROCS), Go for each element", true, func(in []int, f function) []int {
			out := make([]int, len(in))
			group, ctx := errgroup.WithContext(context.Background())
			group.SetLimit(runtime.GOMAXPROCS(0))
			for i := range in {
				group.Go(func() (err error) {
					out[i], err = f(ctx, in[i])
					return err
				})
			}
			must(group.Wait())
			return out
		}},
		{"lo/parallel", "parallel.Map, which starts a goroutine for each element", true, func(in []int, f function) []int {
			return loparallel.Map(in, func(element, _ int) int { return mustGet(f(context.Background(), element)) })
		}},
	} {
		w.contenders = append(w.contenders, mapper(way.name, way.setup, way.peer, way.run, f))
	}
	return w
}

func mapSplitByHand(in []int, f function) []int {
	ctx := context.Background()
	out := make([]int, len(in))
	parts := runtime.GOMAXPROCS(0)
	errs := make([]error, parts)
	var all sync.WaitGroup
	for part := range parts {
		all.Go(func() {
			first, last := part*len(in)/parts, (part+1)*len(in)/parts
			for i := first; i < last; i++ {
				var err error
				if out[i], err = f(ctx, in[i]); err != nil {
					errs[part] = err
					return
				}
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		must(err)
	}
	return out
}

func mapByAtomicIndex(in []int, f function) []int {
	ctx := context.Background()
	out := make([]int, len(in))
	var next atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(in)); i = next.Add(1) - 1 {
				out[i] = mustGet(f(ctx, in[i]))
			}
		})
	}
	all.Wait()
	return out
}

// forEachWork is about a sequence, which somebody has to run and hand on, item by item.
func forEachWork() work {
	ctx := context.Background()
	f := compute(1)
	// each counts the items whose results are right.
	each := func(name, setup string, peer bool, run func(n int, do func(item int) error)) contender {
		return contender{name: name, setup: setup, peer: peer, run: func(n int) int {
			var right atomic.Int64
			run(n, func(item int) error {
				if mustGet(f(ctx, item)) == 2*item {
					right.Add(1)
				}
				return nil
			})
			return int(right.Load())
		}}
	}
	return work{
		name: "foreach", title: "`ForEach` over `iter.Seq`, 1 µs function, 8 workers",
		task: "A task computes for about a microsecond and adds one to a shared counter. Background context, 8 goroutines.",
		unit: "ns a task", n: 30_000, quick: 2_000, want: oneEach,
		bounds: []bound{atMost(1.3, "× `Map`", func(r result) float64 { return r.ratio(braid, fanoutMap) })},
		contenders: []contender{
			each(braid, "fanout.ForEach(ctx, 8, in, f)", false, func(n int, do func(int) error) {
				must(fanout.ForEach(ctx, workers, numbers(n), func(_ context.Context, item int) error { return do(item) }))
			}),
			each(fanoutMap, "slices.Collect, fanout.Map(ctx, 8, …)", false, func(n int, do func(int) error) {
				mustGet(fanout.Map(ctx, workers, slices.Collect(numbers(n)), func(_ context.Context, item int) (int, error) { return 0, do(item) }))
			}),
			each("unbuffered channel", "8 goroutines that range over make(chan int)", false, forEachByChannel(0)),
			each(bufferedChannel, "8 goroutines that range over make(chan int, 8)", false, forEachByChannel(workers)),
			each(errGroup, "SetLimit(8), Go for each item", true, func(n int, do func(int) error) {
				var group errgroup.Group
				group.SetLimit(workers)
				for item := range numbers(n) {
					group.Go(func() error { return do(item) })
				}
				must(group.Wait())
			}),
			each("conc/pool", "New().WithErrors().WithMaxGoroutines(8), Go for each item", true, func(n int, do func(int) error) {
				p := concpool.New().WithErrors().WithMaxGoroutines(workers)
				for item := range numbers(n) {
					p.Go(func() error { return do(item) })
				}
				must(p.Wait())
			}),
			each("rill", "FromSeq, ForEach(…, 8, f)", true, func(n int, do func(int) error) {
				must(rill.ForEach(rill.FromSeq(numbers(n), nil), workers, do))
			}),
		},
	}
}

// numbers yields 0 to n-1.
func numbers(n int) stditer.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func forEachByChannel(buffer int) func(int, func(int) error) {
	return func(n int, do func(int) error) {
		items := make(chan int, buffer)
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for item := range items {
					must(do(item))
				}
			})
		}
		for item := range numbers(n) {
			items <- item
		}
		close(items)
		all.Wait()
	}
}
