package workerpool

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// The hostile cases, and what becomes of naive, leaking, by hand, errgroup and braid.
var cases = []matrix.Case[func(workers int) Pool]{
	{Name: "no tasks", Asks: "Is nothing to do the same as done?",
		Run: noTasks, Want: "ok ok ok ok ok"},
	{Name: "fewer tasks than workers", Asks: "Does each run once, and do idle workers harm nobody?",
		Run: fewTasks, Want: "ok ok ok ok ok"},
	{Name: "eight tasks wait for each other", Asks: "Do eight workers really run eight tasks at once?",
		Run: waitForEachOther, Want: "ok ok ok ok ok"},
	{Name: "a million tasks", Asks: "Are there never more goroutines than workers?",
		Run: millionTasks, Want: "wrong ok ok ok ok"},
	{Name: "context dead before the call", Asks: "Does nothing start, and is the cause returned?",
		Run: deadContext, Want: "wrong wrong ok ok ok"},
	{Name: "context dies midway", Asks: "Does nothing more start, and is the cause returned?",
		Run: dyingContext, Want: "wrong wrong ok ok ok"},
	{Name: "context dies waiting for room", Asks: "Can one leave while others hold all the workers?",
		Run: dyingInTheQueue, Want: "wrong wrong ok ok ok"},
	{Name: "the first task fails", Asks: "Is the error returned, and the rest not started?",
		Run: failsAt(0), Want: "wrong leak ok ok ok"},
	{Name: "a task in the middle fails", Asks: "Is the error returned, and the rest not started?",
		Run: failsAt(50), Want: "wrong leak ok ok ok"},
	{Name: "the last task fails", Asks: "Is the error returned, although all else is done?",
		Run: failsAt(100), Want: "ok ok ok ok ok"},
	{Name: "two tasks fail at once", Asks: "Is one of the errors returned, and the other in nobody's way?",
		Run: twoFail, Want: "race leak ok ok ok"},
	{Name: "a task panics", Asks: "Does the caller hear of it, after the others were stopped?",
		Run: panics, Want: "crash crash ok crash ok"},
	{Name: "a task calls runtime.Goexit", Asks: "Is a task that never returned an error, its worker replaced?",
		Run: exits, Want: "wrong deadlock ok wrong ok"},
	{Name: "tasks run tasks on their own pool", Asks: "Do those get room while their parents wait for them?",
		Run: nested, Want: "wrong wrong deadlock deadlock ok"},
	{Name: "two callers at once", Asks: "Does the bound hold for both together?",
		Run: twoCallers, Want: "wrong wrong ok ok ok"},
	{Name: "another caller's task fails", Asks: "Does that leave one's own tasks alone?",
		Run: anotherFails, Want: "ok leak ok ok ok"},
	{Name: "closed while in use", Asks: "Does Close wait, and nothing start after it?",
		Run: closedInUse, Want: "wrong wrong wrong wrong ok"},
}

var errTask = errors.New("the task failed")

func count(tasks *matrix.Tally, task Task) Task {
	return func(ctx context.Context) error {
		defer tasks.Begin()()
		return task(ctx)
	}
}

func sleep(d time.Duration) Task {
	return func(context.Context) error {
		time.Sleep(d)
		return nil
	}
}

func run(pool Pool, ctx context.Context, tasks ...Task) (err error) {
	defer matrix.Heard(&err)
	return pool.Run(ctx, tasks)
}

// meeting returns n tasks that wait for each other.
func meeting(n int) []Task {
	meet := matrix.Meeting(n)
	return slices.Repeat([]Task{func(context.Context) error {
		meet()
		return nil
	}}, n)
}

func noTasks(t *testing.T, newPool func(int) Pool) {
	pool := newPool(8)
	defer pool.Close()
	require.NoError(t, run(pool, t.Context()))
}

func fewTasks(t *testing.T, newPool func(int) Pool) {
	pool := newPool(8)
	defer pool.Close()
	var tasks matrix.Tally
	require.NoError(t, run(pool, t.Context(), slices.Repeat([]Task{count(&tasks, sleep(time.Second))}, 3)...))
	require.EqualValues(t, 3, tasks.Ended.Load())
}

func waitForEachOther(t *testing.T, newPool func(int) Pool) {
	pool := newPool(8)
	defer pool.Close()
	require.NoError(t, run(pool, t.Context(), meeting(8)...))
}

func millionTasks(t *testing.T, newPool func(int) Pool) {
	total := matrix.Many(1_000_000)
	pool := newPool(8)
	defer pool.Close()

	// The first hundred sleep: while one of them can start, it does, before any wakes.
	var tasks matrix.Tally
	quick := slices.Repeat([]Task{count(&tasks, sleep(0))}, total-100)
	slow := slices.Repeat([]Task{count(&tasks, sleep(time.Second))}, 100)
	var err error
	goroutines := matrix.Goroutines(func() { err = run(pool, t.Context(), append(slow, quick...)...) })
	require.NoError(t, err)
	require.EqualValues(t, total, tasks.Ended.Load())
	require.LessOrEqual(t, tasks.Peak.Load(), int64(8), "tasks at once")
	require.LessOrEqual(t, goroutines, 8+2, "goroutines at once: workers, the caller, and one to feed them")
}

func deadContext(t *testing.T, newPool func(int) Pool) {
	pool := newPool(8)
	defer pool.Close()
	ctx, cause := matrix.CallerLeaves(t, 0)
	var tasks matrix.Tally
	require.ErrorIs(t, run(pool, ctx, slices.Repeat([]Task{count(&tasks, sleep(0))}, 10)...), cause)
	require.Zero(t, tasks.Started.Load())
}

func dyingContext(t *testing.T, newPool func(int) Pool) {
	pool := newPool(2)
	defer pool.Close()
	ctx, cause := matrix.CallerLeaves(t, time.Second)

	// These tasks end well when they are told to end: what is missing is the eight others.
	var tasks matrix.Tally
	untilCancelled := count(&tasks, func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	})
	err := run(pool, ctx, slices.Repeat([]Task{untilCancelled}, 10)...)
	require.ErrorIs(t, err, cause)
	require.EqualValues(t, 2, tasks.Started.Load())
	require.Zero(t, tasks.Running.Load(), "running after the return")
}

func dyingInTheQueue(t *testing.T, newPool func(int) Pool) {
	pool := newPool(2)
	defer pool.Close()
	var others sync.WaitGroup
	defer others.Wait()
	others.Go(func() { run(pool, t.Context(), slices.Repeat([]Task{sleep(time.Hour)}, 2)...) })
	synctest.Wait() // both workers are taken

	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var tasks matrix.Tally
	start := time.Now()
	err := run(pool, ctx, slices.Repeat([]Task{count(&tasks, sleep(0))}, 10)...)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Zero(t, tasks.Started.Load())
	require.Equal(t, time.Second, time.Since(start))
}

// failsAt returns the case of 101 tasks, of which the one at position fails. Tasks take a
// second and it takes half of one, so four workers are busy with others when it fails, unless
// it is the last: that one runs alone.
func failsAt(position int) func(*testing.T, func(int) Pool) {
	return func(t *testing.T, newPool func(int) Pool) {
		const workers = 4
		pool := newPool(workers)
		defer pool.Close()
		var tasks matrix.Tally
		batch := slices.Repeat([]Task{count(&tasks, sleep(time.Second))}, 101)
		batch[position] = count(&tasks, func(context.Context) error {
			time.Sleep(time.Second / 2)
			return errTask
		})
		require.ErrorIs(t, run(pool, t.Context(), batch...), errTask)
		require.Zero(t, tasks.Running.Load(), "running after the return")

		// Before it, all; beside it, the other workers' tasks; after it, at most one each.
		most := position + 1 + 2*(workers-1)
		require.LessOrEqual(t, tasks.Started.Load(), int64(most), "started")
	}
}

func twoFail(t *testing.T, newPool func(int) Pool) {
	pool := newPool(2)
	defer pool.Close()
	tasks := meeting(2)
	for i, meet := range tasks {
		tasks[i] = func(ctx context.Context) error {
			meet(ctx)
			return errTask
		}
	}
	require.ErrorIs(t, run(pool, t.Context(), tasks...), errTask)
}

func panics(t *testing.T, newPool func(int) Pool) {
	pool := newPool(2)
	defer pool.Close()
	var others matrix.Tally
	tasks := meeting(2)
	bystander := tasks[1]
	tasks[0] = func(ctx context.Context) error {
		bystander(ctx)
		panic("the task is broken")
	}
	tasks[1] = count(&others, func(ctx context.Context) error {
		bystander(ctx)
		<-ctx.Done()
		return nil
	})
	require.ErrorContains(t, run(pool, t.Context(), tasks...), "the task is broken")
	require.Zero(t, others.Running.Load(), "running after the return")
	require.NoError(t, run(pool, t.Context(), meeting(2)...), "the pool has lost a worker")
}

func exits(t *testing.T, newPool func(int) Pool) {
	pool := newPool(2)
	defer pool.Close()
	exit := func(context.Context) error {
		runtime.Goexit()
		return nil
	}
	require.Error(t, run(pool, t.Context(), exit))
	require.NoError(t, run(pool, t.Context(), meeting(2)...), "the pool has lost a worker")
}

func nested(t *testing.T, newPool func(int) Pool) {
	pool := newPool(2)
	defer pool.Close()
	var children matrix.Tally
	parents := meeting(2)
	for i, meet := range parents {
		parents[i] = func(ctx context.Context) error {
			meet(ctx) // every worker has a parent now
			return pool.Run(ctx, slices.Repeat([]Task{count(&children, sleep(time.Second))}, 4))
		}
	}
	require.NoError(t, run(pool, t.Context(), parents...))
	require.EqualValues(t, 8, children.Ended.Load())
	require.LessOrEqual(t, children.Peak.Load(), int64(2), "at once")
}

func twoCallers(t *testing.T, newPool func(int) Pool) {
	pool := newPool(4)
	defer pool.Close()
	var tasks matrix.Tally
	var callers sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		callers.Go(func() {
			errs[i] = run(pool, t.Context(), slices.Repeat([]Task{count(&tasks, sleep(time.Second))}, 20)...)
		})
	}
	callers.Wait()
	require.Equal(t, []error{nil, nil}, errs)
	require.EqualValues(t, 40, tasks.Ended.Load())
	require.LessOrEqual(t, tasks.Peak.Load(), int64(4), "at once")
}

func anotherFails(t *testing.T, newPool func(int) Pool) {
	pool := newPool(4)
	defer pool.Close()
	var another sync.WaitGroup
	defer another.Wait()
	another.Go(func() {
		batch := slices.Repeat([]Task{sleep(time.Second)}, 20)
		batch[0] = func(context.Context) error { return errTask }
		run(pool, t.Context(), batch...)
	})
	var tasks matrix.Tally
	require.NoError(t, run(pool, t.Context(), slices.Repeat([]Task{count(&tasks, sleep(time.Second))}, 20)...))
	require.EqualValues(t, 20, tasks.Ended.Load())
}

func closedInUse(t *testing.T, newPool func(int) Pool) {
	pool := newPool(2)
	var tasks matrix.Tally
	batch := slices.Repeat([]Task{count(&tasks, sleep(time.Second))}, 10)
	var caller sync.WaitGroup
	defer caller.Wait()
	var err error
	caller.Go(func() { err = run(pool, t.Context(), batch...) })
	synctest.Wait() // two tasks run, eight wait

	pool.Close()
	require.EqualValues(t, 2, tasks.Ended.Load(), "ended when Close returned")
	caller.Wait()
	require.Error(t, err, "eight tasks were not run")

	pool.Close()
	require.Error(t, run(pool, t.Context(), batch...), "used after Close")
	require.EqualValues(t, 2, tasks.Started.Load())
}
