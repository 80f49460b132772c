package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/braidgo/braid/workerpool"
)

const workers = 8

// submitWorks are about handing a task over and nothing else.
func submitWorks() []work {
	return []work{
		submitWork(1, "`Submit`, one submitter"),
		submitWork(128, "`Submit`, 128 submitters"),
		cancellableWork("submit/cancellable", "`Submit` with a context that can be cancelled", func(context.Context) {}, allocsAtMost(3)),
		cancellableWork("submit/done", "the same, and each task asks for its context's `Done`", func(ctx context.Context) { ctx.Done() }),
	}
}

func submitWork(submitters int, title string) work {
	return work{
		name: fmt.Sprintf("submit/%d", submitters), title: title,
		task: "A task is one atomic add to a counter that all share. 8 workers, background context.",
		unit: "ns a task", n: 300_000, quick: 2_000, want: oneEach,
		contenders: counting(pools(), workers, submitters, func() {}),
		bounds: []bound{
			atMost(1.25, "× the buffered channel", func(r result) float64 { return r.ratio(braid, bufferedChannel) }),
			allocsAtMost(0),
			fasterThan("the fastest peer", 2.5, func(c contender) bool { return c.peer }),
		},
	}
}

// oneEach is what tasks that each add one come to.
func oneEach(n int) int { return n }

// counting makes a contender of each pool: submitters hand over n tasks that do something and add one. What it
// adds to a task is the same for all, and a few nanoseconds: the atomic add, and the calls of submit and do.
func counting(pools []pool, workers, submitters int, do func()) []contender {
	var contenders []contender
	for _, p := range pools {
		contenders = append(contenders, contender{name: p.name, setup: p.setup, peer: p.peer, run: func(n int) int {
			var ran atomic.Int64
			submit, shut := p.open(workers, func() { do(); ran.Add(1) })
			var submitting sync.WaitGroup
			for i := range submitters {
				submitting.Go(func() {
					for range (n + i) / submitters { // shares that add up to n
						submit()
					}
				})
			}
			submitting.Wait()
			shut()
			return int(ran.Load())
		}})
	}
	return contenders
}

// cancellableWork gives each task a context of its own, a child of the submitter's that ends with the task.
// No peer offers that. By hand it is what the second contender does.
func cancellableWork(name, title string, use func(context.Context), bounds ...bound) work {
	openWithContext := func(workers int, task func()) (submit, shut func()) {
		ctx, cancel := context.WithCancel(context.Background())
		withContext := func(ctx context.Context) { use(ctx); task() }
		pool := workerpool.New(workers, workerpool.Queue(queue))
		return func() { must(pool.Submit(ctx, withContext)) }, func() { must(pool.Shutdown(ctx)); cancel() }
	}
	openChannelWithContext := func(workers int, task func()) (submit, shut func()) {
		ctx, cancel := context.WithCancel(context.Background())
		submit, shutChannel := openChannel(workers, func() {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			use(ctx)
			task()
		})
		return submit, func() { shutChannel(); cancel() }
	}
	return work{
		name: name, title: title,
		task: "A task is one atomic add. Its context is a child of the submitter's and ends with it. 8 workers, one submitter.",
		unit: "ns a task", n: 100_000, quick: 2_000, want: oneEach,
		bounds: bounds,
		contenders: counting([]pool{
			{braid, "workerpool.New(workers, workerpool.Queue(1024))", false, openWithContext},
			{bufferedChannel, "goroutines that range over make(chan func(), 1024), context.WithCancel for each task", false, openChannelWithContext},
		}, workers, 1, func() {}),
	}
}
