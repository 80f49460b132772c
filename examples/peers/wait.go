package main

import (
	"context"
	"sync/atomic"

	"github.com/Jeffail/tunny"
	pondpool "github.com/alitto/pond/v2"
	"github.com/braidgo/braid/workerpool"
)

// waitWorks are about a task whose result its submitter waits for. One result at a time, the time is mostly
// that of waking a worker and then the caller. With 64 outstanding all stay awake, and what a result itself
// costs shows.
func waitWorks() []work {
	roundTrip := waitWork("wait/1", "`Go` then `Wait`, one result at a time", 1)
	roundTrip.contenders = append(roundTrip.contenders, contender{name: tunnyPool, setup: "NewFunc(8, …), Process", peer: true, run: func(n int) int {
		var count atomic.Int64
		pool := tunny.NewFunc(workers, func(any) any { return int(count.Add(1)) })
		defer pool.Close()
		return collect(n, 1, func() any { return pool.Process(nil) }, func(value any) int { return value.(int) })
	}})
	return []work{roundTrip, waitWork("wait/64", "`Go` then `Wait`, 64 results outstanding", 64)}
}

// waitWork has tasks that return 1 to n, each number once: their sum tells of every result that is lost,
// delivered twice or made twice.
func waitWork(name, title string, window int) work {
	ctx := context.Background()
	return work{
		name: name, title: title,
		task: "A task returns the next number of a shared atomic counter. One goroutine starts them and waits.",
		unit: "ns a task", n: 50_000, quick: 1_000,
		want: func(n int) int { return n * (n + 1) / 2 },
		bounds: []bound{
			allocsAtMost(2),
			fasterThan("pond", 2.5, func(c contender) bool { return c.name == pond }),
		},
		contenders: []contender{
			{name: braid, setup: "workerpool.New(8, workerpool.Queue(1024))", run: func(n int) int {
				var count atomic.Int64
				task := func(context.Context) (int, error) { return int(count.Add(1)), nil }
				pool := workerpool.New(workers, workerpool.Queue(queue))
				defer pool.Close()
				return collect(n, window,
					func() *workerpool.Future[int] { return workerpool.Go(ctx, pool, task) },
					func(future *workerpool.Future[int]) int { return mustGet(future.Wait(ctx)) })
			}},
			{name: pond, setup: "NewResultPool[int](8, WithQueueSize(1024)), SubmitErr", peer: true, run: func(n int) int {
				var count atomic.Int64
				task := func() (int, error) { return int(count.Add(1)), nil }
				pool := pondpool.NewResultPool[int](workers, pondpool.WithQueueSize(queue))
				defer pool.StopAndWait()
				return collect(n, window,
					func() pondpool.ResultTask[int] { return pool.SubmitErr(task) },
					func(future pondpool.ResultTask[int]) int { return mustGet(future.Wait()) })
			}},
			{name: bufferedChannel, setup: "8 goroutines, make(chan chan int, 1024), a channel for each result", run: func(n int) int {
				var count atomic.Int64
				tasks := make(chan chan int, queue)
				defer close(tasks) // ends the workers
				for range workers {
					go func() {
						for result := range tasks {
							result <- int(count.Add(1))
						}
					}()
				}
				return collect(n, window,
					func() chan int { result := make(chan int, 1); tasks <- result; return result },
					func(result chan int) int { return <-result })
			}},
			{name: goroutinePerTask, setup: "go, a channel for each result", run: func(n int) int {
				var count atomic.Int64
				return collect(n, window,
					func() chan int {
						result := make(chan int, 1) // room for the result: the goroutine never waits
						go func() { result <- int(count.Add(1)) }()
						return result
					},
					func(result chan int) int { return <-result })
			}},
		},
	}
}

// collect starts n tasks with at most window results outstanding, waits for the oldest first, and adds up
// what they returned.
func collect[F any](n, window int, start func() F, wait func(F) int) (sum int) {
	outstanding := make([]F, min(n, window))
	for i := range n {
		oldest := &outstanding[i%window]
		if i >= window {
			sum += wait(*oldest)
		}
		*oldest = start()
	}
	for _, future := range outstanding {
		sum += wait(future)
	}
	return sum
}

func mustGet[T any](value T, err error) T {
	must(err)
	return value
}
