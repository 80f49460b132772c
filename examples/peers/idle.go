package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/braidgo/braid/workerpool"
	gammazero "github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
)

// idleWorks count the goroutines that a pool of eight has while it has nothing to do.
func idleWorks() []work {
	const timeout = 20 * time.Millisecond
	return []work{
		idleWork("idle", "an idle pool", "After tasks that kept all workers busy at once, the pool is left alone for 100 ms.",
			100*time.Millisecond, workers,
			poolsWithout(goroutinePerTask, errGroup)), // they have no workers that could be idle
		idleWork("idle/timeout", "an idle pool after its idle time-out",
			fmt.Sprintf("The same with an idle time-out of %v, and at most a second to obey it.", timeout),
			time.Second, 0,
			[]pool{ // all that have one; pond needs none, as its workers never stay
				{braid, "workerpool.New(workers, workerpool.IdleTimeout(timeout))", false, openBraid(workerpool.IdleTimeout(timeout))},
				{pond, "NewPool(workers)", true, openPond()},
				{"ants", "NewPool(workers, WithExpiryDuration(timeout))", true, openAnts(ants.WithExpiryDuration(timeout))},
				{"gammazero", "New(workers, WithIdleTimeout(timeout))", true, openGammazero(gammazero.WithIdleTimeout(timeout))},
			}),
	}
}

func idleWork(name, title, task string, patience time.Duration, limit float64, pools []pool) work {
	w := work{
		name: name, title: title, task: task, unit: "goroutines", n: workers, quick: workers, rounds: 1,
		measure: func(_ work, c contender, n int) (sample, error) { return sample{value: float64(c.run(n))}, nil },
		bounds:  []bound{atMost(limit, "goroutines", func(r result) float64 { return median(r.series[braid].values) })},
	}
	for _, p := range pools {
		w.contenders = append(w.contenders, contender{name: p.name, setup: p.setup, peer: p.peer, run: func(n int) int {
			return goroutinesLeft(p.open, n, patience)
		}})
	}
	return w
}

// goroutinesLeft runs n tasks that wait for each other, so that every worker is there. Then it counts the
// pool's goroutines until there are none or patience ends.
func goroutinesLeft(open opener, n int, patience time.Duration) (left int) {
	time.Sleep(50 * time.Millisecond) // for what the pool before has left to be gone from the count
	before := runtime.NumGoroutine()
	var meeting, submitting sync.WaitGroup
	meeting.Add(n)
	submit, shut := open(n, func() { meeting.Done(); meeting.Wait() })
	defer shut()
	for range n {
		submitting.Go(submit) // from a goroutine each, as tunny's waits for its task
	}
	submitting.Wait()
	meeting.Wait()
	for start := time.Now(); time.Since(start) < patience; time.Sleep(time.Millisecond) {
		if left = runtime.NumGoroutine() - before; left <= 0 {
			break
		}
	}
	return left
}
