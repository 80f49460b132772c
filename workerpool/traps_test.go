package workerpool_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/testkit"
	"github.com/braidgo/braid/workerpool"
)

// Each of these broke a well-known library. The names tell which, and the issue
// on GitHub or the Go tracker; "measured" is a fault without an issue.
func TestTraps(t *testing.T) {
	for _, trap := range []struct {
		name string
		test func(*testing.T)
	}{
		{"conc#88 and #107: Go at the limit cannot be unblocked by ctx", func(t *testing.T) {
			p, release := occupied(t, 1)
			ctx, cancel := context.WithCancelCause(t.Context())
			cause := errors.New("enough")
			time.AfterFunc(time.Second, func() { cancel(cause) })
			begin := time.Now()
			g := p.Group(ctx)
			g.Go(func(context.Context) error { return nil })
			require.ErrorIs(t, g.Wait(), cause)
			require.ErrorIs(t, p.Submit(ctx, nothing), cause)
			_, err := workerpool.Go(ctx, p, seven).Wait(t.Context())
			require.ErrorIs(t, err, cause)
			require.Equal(t, time.Second, time.Since(begin))
			close(release)
		}},
		{"go#61611 and go#54045: errgroup starts tasks after the first error", func(t *testing.T) {
			p := workerpool.New(1, workerpool.Queue(100))
			defer p.Close()
			var started int
			g := p.Group(t.Context())
			for range 100 {
				g.Go(func(context.Context) error { started++; return errTask })
			}
			g.Go(func(context.Context) error { started++; return nil })
			require.ErrorIs(t, g.Wait(), errTask)
			require.Equal(t, 1, started)
		}},
		{"pond#61 and #138: a cancelled ctx with tasks queued deadlocks", func(t *testing.T) {
			p, release := occupied(t, 100)
			ctx, cancel := context.WithCancel(t.Context())
			g := p.Group(ctx)
			for range 50 {
				g.Go(func(context.Context) error { t.Error("started"); return nil })
			}
			future := workerpool.Go(ctx, p, seven)
			cancel()
			_, err := future.Wait(t.Context()) // although no worker has looked at it
			require.ErrorIs(t, err, context.Canceled)
			close(release)
			require.ErrorIs(t, g.Wait(), context.Canceled)
			require.NoError(t, p.Shutdown(t.Context()))
			require.EqualValues(t, 51, p.Stats().Cancelled)
		}},
		{"pond#135: Goexit hangs futures", func(t *testing.T) {
			p := workerpool.New(1)
			defer p.Close()
			future := workerpool.Go(t.Context(), p, func(context.Context) (int, error) { runtime.Goexit(); return 0, nil })
			_, err := future.Wait(t.Context())
			require.ErrorIs(t, err, braid.ErrGoexit)
			got, err := workerpool.Go(t.Context(), p, seven).Wait(t.Context()) // the only worker goes on
			require.NoError(t, err)
			require.Equal(t, 7, got)
		}},
		{"pond#68: Group.Wait returns while tasks run", func(t *testing.T) {
			p := workerpool.New(4)
			defer p.Close()
			var running atomic.Int64
			g := p.Group(t.Context())
			for i := range 20 {
				g.Go(func(context.Context) error {
					defer running.Add(-1)
					running.Add(1)
					time.Sleep(time.Duration(i) * time.Second)
					if i == 3 {
						return errTask
					}
					return nil
				})
			}
			require.ErrorIs(t, g.Wait(), errTask)
			require.Zero(t, running.Load())
		}},
		{"pond#33 and #108: lost wake-ups", func(t *testing.T) {
			p := workerpool.New(3, workerpool.Queue(2), workerpool.IdleTimeout(time.Millisecond))
			defer p.Close()
			for range 2000 { // idle, busy, and ending by its time-out, in all mixtures
				var tasks sync.WaitGroup
				for i := range 5 {
					tasks.Add(1)
					require.NoError(t, p.Submit(t.Context(), func(context.Context) {
						time.Sleep(time.Duration(i%3) * time.Millisecond / 2)
						tasks.Done()
					}))
				}
				tasks.Wait()
			}
		}},
		{"pond, measured: Resize does not wake a blocked submitter", resizeWakes},
		{"ants#374: tuning does not wake waiters", resizeWakes},
		{"ants#90 and #197: nested submit deadlocks", func(t *testing.T) {
			p := workerpool.New(1, workerpool.Queue(0))
			defer p.Close()
			bottom := make(chan struct{})
			var nest func(ctx context.Context, depth int)
			nest = func(ctx context.Context, depth int) {
				if depth == 100 {
					close(bottom)
					return
				}
				require.NoError(t, p.Submit(ctx, func(ctx context.Context) { nest(ctx, depth+1) }))
			}
			require.NoError(t, p.Submit(t.Context(), func(ctx context.Context) { nest(ctx, 1) }))
			<-bottom
		}},
		{"ants#212, #263 and #323: tickers leak, and an idle pool holds two goroutines", func(t *testing.T) {
			before := runtime.NumGoroutine()
			p := workerpool.New(8, workerpool.IdleTimeout(time.Minute))
			defer p.Close()
			require.Equal(t, before, runtime.NumGoroutine(), "a pool without work has no worker")
			require.NoError(t, p.Submit(t.Context(), nothing))
			synctest.Wait()
			require.Equal(t, before+1, runtime.NumGoroutine(), "nothing beyond its workers")
			require.Equal(t, 1, p.Stats().Idle)
			time.Sleep(time.Minute + 1)
			synctest.Wait()
			require.Equal(t, before, runtime.NumGoroutine(), "none after IdleTimeout")
			require.NoError(t, p.Submit(t.Context(), nothing), "and started again on demand")
		}},
		{"ants, measured: a panic is only logged, and the caller sees nil", func(t *testing.T) {
			var hooked atomic.Int64
			p := workerpool.New(1, workerpool.OnPanic(func(*braid.PanicError) { hooked.Add(1) }))
			defer p.Close()
			_, err := workerpool.Go(t.Context(), p, func(context.Context) (int, error) { panic("seen") }).Wait(t.Context())
			var panicked *braid.PanicError
			require.ErrorAs(t, err, &panicked)
			g := p.Group(t.Context())
			g.Go(func(context.Context) error { panic("seen") })
			require.ErrorAs(t, g.Wait(), &panicked)
			require.EqualValues(t, 2, hooked.Load(), "the hook sees every panic of its pool")
		}},
		{"gammazero#76: submit racing stop sends on a closed channel", func(t *testing.T) {
			for range 500 {
				p := workerpool.New(2, workerpool.Queue(1))
				var accepted, ran atomic.Int64
				var submitters sync.WaitGroup
				for range 4 {
					submitters.Go(func() {
						for p.Submit(t.Context(), func(context.Context) { ran.Add(1) }) == nil {
							accepted.Add(1)
						}
					})
				}
				runtime.Gosched()
				require.NoError(t, p.Shutdown(t.Context()))
				submitters.Wait()
				require.Equal(t, accepted.Load(), ran.Load(), "no task is lost")
			}
		}},
		{"gammazero, measured: Goexit hangs StopWait", func(t *testing.T) {
			p := workerpool.New(2)
			for range 10 {
				require.NoError(t, p.Submit(t.Context(), func(context.Context) { runtime.Goexit() }))
			}
			require.NoError(t, p.Shutdown(t.Context()))
			require.EqualValues(t, 10, p.Stats().Failed)
		}},
		{"go#53757: a late Wait hides the crash behind a deadlock", func(t *testing.T) {
			p := workerpool.New(2)
			defer p.Close()
			g := p.Group(t.Context())
			g.Go(func(ctx context.Context) error { <-ctx.Done(); return nil }) // ends only if it is cancelled
			g.Go(func(context.Context) error { panic("the cause") })
			var panicked *braid.PanicError
			require.ErrorAs(t, g.Wait(), &panicked)
		}},
		{"go#63615: semaphore granted on a dead context", func(t *testing.T) {
			p := workerpool.New(4)
			defer p.Close()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			for range 100 { // room enough, and yet
				require.ErrorIs(t, p.Submit(ctx, nothing), context.Canceled)
				require.ErrorIs(t, p.TrySubmit(ctx, nothing), context.Canceled)
			}
			require.EqualValues(t, 200, p.Stats().Rejected)
			require.Zero(t, p.Stats().Accepted)
		}},
		{"closed twice", func(t *testing.T) {
			p := workerpool.New(2)
			require.NoError(t, p.Submit(t.Context(), nothing))
			require.NoError(t, p.Close())
			require.NoError(t, p.Close())
			require.NoError(t, p.Shutdown(t.Context()))
		}},
		{"used after close", func(t *testing.T) {
			p := workerpool.New(2)
			require.NoError(t, p.Close())
			require.ErrorIs(t, p.Submit(t.Context(), nothing), workerpool.ErrClosed)
			require.ErrorIs(t, p.TrySubmit(t.Context(), nothing), workerpool.ErrClosed)
			_, err := workerpool.Go(t.Context(), p, seven).Wait(t.Context())
			require.ErrorIs(t, err, workerpool.ErrClosed)
			g := p.Group(t.Context())
			g.Go(func(context.Context) error { return nil })
			require.ErrorIs(t, g.Wait(), workerpool.ErrClosed)
			require.False(t, p.Group(t.Context()).TryGo(func(context.Context) error { return nil }))
			p.Resize(5)
			require.EqualValues(t, 5, p.Stats().Rejected)
		}},
		{"closed while others submit", func(t *testing.T) {
			p, release := occupied(t, 0)
			var refused sync.WaitGroup
			for range 5 {
				refused.Go(func() { require.ErrorIs(t, p.Submit(t.Context(), nothing), workerpool.ErrClosed) })
			}
			synctest.Wait() // all five are blocked
			closed := make(chan struct{})
			go func() { p.Shutdown(t.Context()); close(closed) }()
			refused.Wait()
			close(release)
			<-closed
		}},
		{"a finished result is handed over even to a dead context", func(t *testing.T) {
			p := workerpool.New(1)
			defer p.Close()
			future := workerpool.Go(t.Context(), p, seven)
			<-future.Done()
			dead, cancel := context.WithCancel(t.Context())
			cancel()
			got, err := future.Wait(dead)
			require.NoError(t, err)
			require.Equal(t, 7, got)
		}},
		{"a task's ctx is printed while Close cancels it", func(t *testing.T) {
			p := workerpool.New(2)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			for _, ctx := range []context.Context{t.Context(), context.Background(), ctx} {
				require.NoError(t, p.Submit(ctx, func(ctx context.Context) {
					for ctx.Err() == nil { // a race only, if there is one
						require.Contains(t, fmt.Sprint(ctx), "workerpool")
						time.Sleep(time.Second)
					}
				}))
			}
			time.Sleep(time.Second)
			require.NoError(t, p.Close())
		}},
		{"a foreign ctx that asks the pool something while Close cancels it", func(t *testing.T) {
			p := workerpool.New(1)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			require.NoError(t, p.Submit(curiousContext{ctx, p}, func(ctx context.Context) { <-ctx.Done() }))
			synctest.Wait()
			require.NoError(t, p.Close())
		}},
		{"a blocked Submit whose ctx is done when the pool is closed", func(t *testing.T) {
			p, release := occupied(t, 0)
			cause := errors.New("the context comes first")
			ctx, cancel := context.WithCancelCause(t.Context())
			refused := make(chan error)
			go func() { refused <- p.Submit(ctx, nothing) }()
			synctest.Wait()
			cancel(cause)
			go p.Shutdown(t.Context())
			require.ErrorIs(t, <-refused, cause)
			close(release)
		}},
		{"idle goroutines started in vain", func(t *testing.T) {
			p := workerpool.New(1000)
			defer p.Close()
			for range 10 { // one after the other: one worker is enough
				_, err := workerpool.Go(t.Context(), p, seven).Wait(t.Context())
				require.NoError(t, err)
				synctest.Wait()
			}
			require.Equal(t, 1, p.Stats().Workers)
		}},
	} {
		t.Run(trap.name, func(t *testing.T) { synctest.Test(t, trap.test) })
	}
}

func resizeWakes(t *testing.T) {
	p, release := occupied(t, 0)
	accepted := make(chan error)
	go func() { accepted <- p.Submit(t.Context(), nothing) }()
	synctest.Wait() // it is blocked
	p.Resize(2)
	require.NoError(t, <-accepted) // though the first task goes on
	close(release)
}

// pond#110: queue slots keep finished tasks alive. The collector is not part of
// a synctest bubble.
func TestTrapPond110QueueSlotsKeepFinishedTasksAlive(t *testing.T) {
	p := workerpool.New(2, workerpool.Queue(64))
	defer p.Close()
	const tasks = 40
	collected := make(chan struct{}, tasks)
	for range tasks {
		big := new([1 << 16]byte)
		runtime.AddCleanup(big, func(struct{}) { collected <- struct{}{} }, struct{}{})
		_, err := workerpool.Go(t.Context(), p, func(context.Context) (int, error) { return len(big), nil }).Wait(t.Context())
		require.NoError(t, err)
	}
	for range tasks { // while the pool, its queue and its idle workers are alive
		for waiting := true; waiting; {
			runtime.GC()
			select {
			case <-collected:
				waiting = false
			default:
				runtime.Gosched()
			}
		}
	}
}

// a million items: memory flat. Neither the goroutines nor the heap grow with
// the number of tasks.
func TestTrapAMillionItems(t *testing.T) {
	const workers = 8
	tasks := 1_000_000
	if testkit.Race {
		tasks = 50_000
	}
	p := workerpool.New(workers, workerpool.Queue(64))
	defer p.Close()
	ctx := t.Context()
	g := p.Group(ctx)
	task := func(context.Context) error { return nil }
	goroutines, heap := runtime.NumGoroutine(), heapInUse()
	for i := range tasks {
		g.Go(task)
		if i%(tasks/4) == 0 {
			require.LessOrEqual(t, runtime.NumGoroutine(), goroutines+workers)
			require.Less(t, heapInUse(), heap+1<<20)
		}
	}
	require.NoError(t, g.Wait())
	require.Less(t, heapInUse(), heap+1<<20)
	require.EqualValues(t, tasks, p.Stats().Accepted)
}

func heapInUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// Each task of a named pool is a region in an execution trace.
func TestNameOpensTraceRegions(t *testing.T) {
	for name, want := range map[string]bool{"thumbnails": true, "": false} {
		var recorded bytes.Buffer
		require.NoError(t, trace.Start(&recorded))
		p := workerpool.New(1, workerpool.Name(name))
		_, err := workerpool.Go(context.Background(), p, seven).Wait(context.Background())
		require.NoError(t, err)
		require.NoError(t, p.Close())
		trace.Stop()
		require.Equal(t, want, bytes.Contains(recorded.Bytes(), []byte("thumbnails")))
	}
}

// The counts add up at every moment, not only when nothing moves.
func TestStatsAddUpWhileTasksMove(t *testing.T) {
	p := workerpool.New(4, workerpool.Queue(8))
	stop := make(chan struct{})
	var submitters sync.WaitGroup
	for range 3 {
		submitters.Go(func() {
			for p.Submit(context.Background(), func(ctx context.Context) {
				workerpool.Go(ctx, p, seven).Wait(ctx)
			}) == nil {
			}
		})
	}
	go func() {
		defer close(stop)
		for range 20_000 {
			s := p.Stats()
			sum := s.Completed + s.Failed + s.Cancelled + s.Dropped + uint64(s.Queued) + uint64(s.Running)
			if s.Accepted != sum || s.Queued < 0 || s.Running < 0 || s.Idle > s.Workers {
				t.Errorf("does not add up: %+v", s)
			}
		}
	}()
	<-stop
	require.NoError(t, p.Close())
	submitters.Wait()
}

// "5 allocations per future" were measured of pond.
func TestTrapAllocationsPerFuture(t *testing.T) {
	p := workerpool.New(2)
	defer p.Close()
	ctx := context.Background()
	futures := testing.AllocsPerRun(1000, func() {
		if got, err := workerpool.Go(ctx, p, seven).Wait(ctx); got != 7 || err != nil {
			t.Error(got, err)
		}
	})
	require.LessOrEqual(t, futures, 1.0)
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		if err := p.Submit(ctx, nothing); err != nil {
			t.Error(err)
		}
	}))
	cancellable, cancel := context.WithCancel(ctx)
	defer cancel()
	require.LessOrEqual(t, testing.AllocsPerRun(1000, func() {
		if err := p.Submit(cancellable, nothing); err != nil {
			t.Error(err)
		}
	}), 1.0)
}

// "a panic crashes", as gammazero does, is right where nobody waits for the task
// and there is no hook, or where the hook panics: the program ends as if there
// were no pool. In each case main would else return in peace right after it.
func TestPanicNobodyWaitsForEndsTheProgram(t *testing.T) {
	ctx := context.Background()
	crashes := map[string]func(){
		"nobody waits for this": func() {
			p := workerpool.New(1)
			p.Submit(ctx, func(context.Context) { explode("nobody waits for this") })
			p.Shutdown(ctx)
		},
		"in a lent slot": func() {
			p := workerpool.New(1, workerpool.Queue(0))
			begun := make(chan struct{})
			p.Submit(ctx, func(ctx context.Context) {
				p.Submit(ctx, func(context.Context) { close(begun); explode("in a lent slot") })
			})
			<-begun
			p.Shutdown(ctx)
		},
		"in the hook": func() {
			p := workerpool.New(1, workerpool.OnPanic(func(*braid.PanicError) { explode("in the hook") }))
			workerpool.Go(ctx, p, func(context.Context) (int, error) { panic("in the task") }).Wait(ctx)
			p.Close()
		},
		"in the hook of open": func() {
			p := workerpool.NewStateful(1, func(context.Context) (int, error) { panic("in open") }, nil,
				workerpool.OnPanic(func(*braid.PanicError) { explode("in the hook of open") }))
			p.Do(ctx, func(context.Context, int) error { return nil })
			p.Close()
		},
		"in the hook of close": func() {
			p := workerpool.NewStateful(1, func(context.Context) (int, error) { return 7, nil }, func(int) error { panic("in close") },
				workerpool.OnPanic(func(*braid.PanicError) { explode("in the hook of close") }))
			p.Do(ctx, func(context.Context, int) error { return nil })
			p.Close()
		},
	}
	const inChild = "BRAID_PANIC_IN_A_TASK"
	if crash := crashes[os.Getenv(inChild)]; crash != nil {
		crash()
		return
	}
	for value := range crashes {
		child := exec.Command(os.Args[0], "-test.run=^TestPanicNobodyWaitsForEndsTheProgram$")
		child.Env = append(os.Environ(), inChild+"="+value)
		output, err := child.CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, "%s: %s", value, output)
		require.Equal(t, 2, exit.ExitCode(), "that of a crash")
		require.Contains(t, string(output), "panic: "+value)
		require.Contains(t, string(output), "workerpool_test.explode", "the stack shows where it began")
	}
}

//go:noinline
func explode(value any) { panic(value) }

// curiousContext asks its pool something whenever it is asked itself.
type curiousContext struct {
	context.Context
	pool *workerpool.Pool
}

func (c curiousContext) Value(key any) any {
	c.pool.Stats()
	return c.Context.Value(key)
}

var errTask = errors.New("the task failed")

func nothing(context.Context) {}

func seven(context.Context) (int, error) { return 7, nil }

// occupied returns a pool whose only worker is busy until release is closed.
func occupied(t *testing.T, queue int) (p *workerpool.Pool, release chan struct{}) {
	p = workerpool.New(1, workerpool.Queue(queue))
	t.Cleanup(func() { p.Close() })
	release = make(chan struct{})
	require.NoError(t, p.Submit(t.Context(), func(context.Context) { <-release }))
	synctest.Wait()
	return p, release
}
