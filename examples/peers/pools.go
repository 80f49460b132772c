package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/Jeffail/tunny"
	pondpool "github.com/alitto/pond/v2"
	"github.com/braidgo/braid/workerpool"
	gammazero "github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	concpool "github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"
)

// The names by which works and bounds speak of contenders.
const (
	braid            = "braid"
	bufferedChannel  = "buffered channel"
	goroutinePerTask = "goroutine per task"
	pond             = "pond"
	errGroup         = "errgroup"
	tunnyPool        = "tunny"
)

// A pool is one way to run tasks.
type pool struct {
	name, setup string // setup as code; the number of workers is the work's
	peer        bool
	open        opener
}

// An opener makes a pool for one task that is run over and over: a closure for every submission would cost all
// the same. submit hands the task over once; goroutines may share it. shut returns when all that was handed
// over has run.
type opener func(workers int, task func()) (submit, shut func())

const queue = 1024

func pools() []pool {
	return []pool{
		{braid, "workerpool.New(workers, workerpool.Queue(1024))", false, openBraid(workerpool.Queue(queue))},
		{bufferedChannel, "goroutines that range over make(chan func(), 1024)", false, openChannel},
		{goroutinePerTask, "WaitGroup.Go", false, openGoroutines},
		{errGroup, "SetLimit(workers)", true, openErrgroup},
		{pond, "NewPool(workers, WithQueueSize(1024)), Go", true, openPond(pondpool.WithQueueSize(queue))},
		// pond as it comes: nothing slows a submitter down, so it is shown but is no peer to a bounded queue.
		{"pond, unbounded", "NewPool(workers), Go", false, openPond()},
		{"ants", "NewPool(workers, WithPreAlloc(true))", true, openAnts(ants.WithPreAlloc(true))},
		{"conc", "pool.New().WithMaxGoroutines(workers)", true, openConc},
		{"gammazero", "New(workers), Do; its queue has no bound", true, openGammazero()},
		{tunnyPool, "NewFunc(workers, …), Process; waits for each task", true, openTunny},
	}
}

func poolsWithout(names ...string) []pool {
	return slices.DeleteFunc(pools(), func(p pool) bool { return slices.Contains(names, p.name) })
}

func openBraid(opts ...workerpool.Option) opener {
	return func(workers int, task func()) (submit, shut func()) {
		ctx := context.Background()
		withContext := func(context.Context) { task() }
		pool := workerpool.New(workers, opts...)
		return func() { must(pool.Submit(ctx, withContext)) }, func() { must(pool.Shutdown(ctx)) }
	}
}

func openChannel(workers int, task func()) (submit, shut func()) {
	tasks := make(chan func(), queue)
	var working sync.WaitGroup
	for range workers {
		working.Go(func() {
			for task := range tasks { // until shut closes it
				task()
			}
		})
	}
	return func() { tasks <- task }, func() { close(tasks); working.Wait() }
}

func openGoroutines(_ int, task func()) (submit, shut func()) {
	var working sync.WaitGroup
	return func() { working.Go(task) }, working.Wait
}

func openErrgroup(workers int, task func()) (submit, shut func()) {
	withError := func() error { task(); return nil }
	var group errgroup.Group
	group.SetLimit(workers)
	return func() { group.Go(withError) }, func() { must(group.Wait()) }
}

func openPond(opts ...pondpool.Option) opener {
	return func(workers int, task func()) (submit, shut func()) {
		pool := pondpool.NewPool(workers, opts...)
		return func() { must(pool.Go(task)) }, pool.StopAndWait
	}
}

func openAnts(opts ...ants.Option) opener {
	return func(workers int, task func()) (submit, shut func()) {
		pool, err := ants.NewPool(workers, opts...)
		must(err)
		return func() { must(pool.Submit(task)) }, func() { must(pool.ReleaseTimeout(time.Minute)) }
	}
}

func openConc(workers int, task func()) (submit, shut func()) {
	pool := concpool.New().WithMaxGoroutines(workers)
	return func() { pool.Go(task) }, pool.Wait
}

func openGammazero(opts ...gammazero.Option) opener {
	return func(workers int, task func()) (submit, shut func()) {
		pool := gammazero.New(workers, opts...)
		return func() { must(pool.Do(task)) }, pool.StopWait
	}
}

func openTunny(workers int, task func()) (submit, shut func()) {
	pool := tunny.NewFunc(workers, func(any) any { task(); return nil })
	return func() { pool.Process(nil) }, pool.Close
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
