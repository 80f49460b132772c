package workerpool_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"time"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/workerpool"
)

// Ten tasks on three workers. Shutdown waits until all have ended.
func ExampleNew() {
	ctx := context.Background()
	pool := workerpool.New(3)
	var sum atomic.Int64
	for n := range 10 {
		err := pool.Submit(ctx, func(context.Context) { sum.Add(int64(n)) })
		if err != nil {
			fmt.Println(err)
		}
	}
	if err := pool.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println("sum:", sum.Load())
	// Output:
	// sum: 45
}

// A pool that is full does not grow: TrySubmit says so at once, and Submit waits
// as long as its context allows.
func ExamplePool() {
	ctx := context.Background()
	pool := workerpool.New(1, workerpool.Queue(1))
	defer pool.Close()

	release := make(chan struct{})
	wait := func(context.Context) { <-release }
	fmt.Println("runs:     ", pool.TrySubmit(ctx, wait))
	fmt.Println("queued:   ", pool.TrySubmit(ctx, wait))
	fmt.Println("one more: ", pool.TrySubmit(ctx, wait))

	hurry, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	fmt.Println("patiently:", pool.Submit(hurry, wait))
	close(release)
	// Output:
	// runs:      <nil>
	// queued:    <nil>
	// one more:  workerpool: no room for the task
	// patiently: context deadline exceeded
}

// A service that stops lets its tasks finish, but not for ever.
func ExamplePool_Shutdown() {
	pool := workerpool.New(1, workerpool.Queue(10))
	begun := make(chan struct{})
	pool.Submit(context.Background(), func(ctx context.Context) {
		close(begun)
		<-ctx.Done() // a task that takes long, and obeys its context
	})
	<-begun
	for range 3 {
		pool.Submit(context.Background(), func(context.Context) {})
	}

	deadline, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	err := pool.Shutdown(deadline)
	var undone *workerpool.ShutdownError
	if errors.As(err, &undone) {
		fmt.Println(undone.Dropped, "dropped because:", undone.Cause)
	}
	pool.Close() // waits for the one that was still running
	// Output:
	// 3 dropped because: context deadline exceeded
}

// A task gives work to its own pool and waits for it, on a pool of one worker.
// By hand, this would be a deadlock.
func ExamplePool_Submit_inside() {
	ctx := context.Background()
	pool := workerpool.New(1)
	defer pool.Close()

	total, err := workerpool.Go(ctx, pool, func(ctx context.Context) (int, error) {
		left := workerpool.Go(ctx, pool, func(context.Context) (int, error) { return 20, nil })
		right := workerpool.Go(ctx, pool, func(context.Context) (int, error) { return 22, nil })
		l, err := left.Wait(ctx) // with the task's own context
		if err != nil {
			return 0, err
		}
		r, err := right.Wait(ctx)
		return l + r, err
	}).Wait(ctx)
	fmt.Println(total, err)
	// Output:
	// 42 <nil>
}

// The result of a task, later.
func ExampleGo() {
	ctx := context.Background()
	pool := workerpool.New(2)
	defer pool.Close()

	length := workerpool.Go(ctx, pool, func(context.Context) (int, error) {
		return len("a result that takes a while"), nil
	})
	n, err := length.Wait(ctx)
	fmt.Println(n, err)
	// Output:
	// 27 <nil>
}

// A future can be part of a select; and a panic in its task is its error.
func ExampleFuture() {
	ctx := context.Background()
	pool := workerpool.New(2)
	defer pool.Close()

	future := workerpool.Go(ctx, pool, func(context.Context) (string, error) {
		panic("out of paper")
	})
	select {
	case <-future.Done():
	case <-time.After(time.Minute):
	}
	_, err := future.Wait(ctx)
	var panicked *braid.PanicError
	fmt.Println(errors.As(err, &panicked), panicked.Value)
	// Output:
	// true out of paper
}

// Tasks that belong together: the first error ends them all.
func ExampleGroup() {
	pool := workerpool.New(4)
	defer pool.Close()

	group := pool.Group(context.Background())
	for _, url := range []string{"/a", "/b", "/broken", "/c"} {
		group.Go(func(ctx context.Context) error {
			if url == "/broken" {
				return fmt.Errorf("get %s: no such page", url)
			}
			return nil
		})
	}
	fmt.Println(group.Wait())
	// Output:
	// get /broken: no such page
}

// With KeepGoing every task runs, and Wait returns all errors.
func ExampleGroup_KeepGoing() {
	pool := workerpool.New(1)
	defer pool.Close()

	group := pool.Group(context.Background())
	group.KeepGoing()
	for n := range 4 {
		group.Go(func(context.Context) error {
			if n%2 == 1 {
				return fmt.Errorf("%d is odd", n)
			}
			return nil
		})
	}
	fmt.Println(group.Wait())
	// Output:
	// 1 is odd
	// 3 is odd
}

// Each worker compresses with a gzip.Writer of its own, made once.
func ExampleNewStateful() {
	ctx := context.Background()
	made := 0
	pool := workerpool.NewStateful(1,
		func(context.Context) (*gzip.Writer, error) { made++; return gzip.NewWriter(nil), nil },
		func(w *gzip.Writer) error { return w.Close() })

	for _, text := range []string{"one", "two", "three"} {
		var packed bytes.Buffer
		err := pool.Do(ctx, func(_ context.Context, w *gzip.Writer) error {
			w.Reset(&packed)
			if _, err := io.Copy(w, strings.NewReader(text)); err != nil {
				return err
			}
			return w.Close()
		})
		if err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(pool.Close(), made)
	// Output:
	// <nil> 1
}

// Without a worker that can open its state, those who wait get the error. A
// later task has it tried again.
func ExampleStateful() {
	ctx := context.Background()
	up := false
	pool := workerpool.NewStateful(2, func(context.Context) (string, error) {
		if !up {
			return "", errors.New("the database is down")
		}
		return "a connection", nil
	}, nil)
	defer pool.Close()

	query := func(_ context.Context, connection string) error {
		fmt.Println("asked over", connection)
		return nil
	}
	fmt.Println(pool.Do(ctx, query))
	up = true
	fmt.Println(pool.Do(ctx, query))
	// Output:
	// workerpool: open a worker's state: the database is down
	// asked over a connection
	// <nil>
}

// A group whose tasks use their worker's state.
func ExampleStatefulGroup() {
	pool := workerpool.NewStateful(2,
		func(context.Context) (*strings.Builder, error) { return new(strings.Builder), nil }, nil)
	defer pool.Close()

	var letters atomic.Int64
	group := pool.Group(context.Background())
	for _, word := range []string{"warp", "weft", "braid"} {
		group.Go(func(_ context.Context, scratch *strings.Builder) error {
			scratch.Reset()
			scratch.WriteString(word)
			letters.Add(int64(scratch.Len()))
			return nil
		})
	}
	fmt.Println(group.Wait(), letters.Load())
	// Output:
	// <nil> 13
}

// Options are given when the pool is made.
func ExampleOption() {
	options := []workerpool.Option{
		workerpool.Queue(100),
		workerpool.IdleTimeout(time.Minute),
		workerpool.Name("thumbnails"),
	}
	pool := workerpool.New(4, options...)
	defer pool.Close()
	fmt.Println(pool.Stats().Limit)
	// Output:
	// 4
}

// With Queue(0) a task is accepted only when a worker can begin it.
func ExampleQueue() {
	ctx := context.Background()
	pool := workerpool.New(2, workerpool.Queue(0))
	defer pool.Close()
	release := make(chan struct{})
	for range 3 {
		fmt.Println(pool.TrySubmit(ctx, func(context.Context) { <-release }))
	}
	close(release)
	// Output:
	// <nil>
	// <nil>
	// workerpool: no room for the task
}

// Workers without work end, and are started again on demand.
func ExampleIdleTimeout() {
	ctx := context.Background()
	pool := workerpool.New(2, workerpool.IdleTimeout(time.Millisecond))
	defer pool.Close()
	for range 2 {
		n, err := workerpool.Go(ctx, pool, func(context.Context) (int, error) { return 7, nil }).Wait(ctx)
		for pool.Stats().Workers > 0 {
			runtime.Gosched() // until the worker has been idle for a millisecond
		}
		fmt.Println(n, err, pool.Stats().Workers)
	}
	// Output:
	// 7 <nil> 0
	// 7 <nil> 0
}

// The hook sees every panic of the pool. Without one, a panic in a task nobody
// waits for would end the program.
func ExampleOnPanic() {
	ctx := context.Background()
	pool := workerpool.New(1, workerpool.OnPanic(func(e *braid.PanicError) {
		fmt.Println("a task panicked:", e.Value)
	}))
	pool.Submit(ctx, func(context.Context) { panic("no such file") })
	pool.Submit(ctx, func(context.Context) { fmt.Println("the next one runs") })
	pool.Shutdown(ctx)
	// Output:
	// a task panicked: no such file
	// the next one runs
}

// A named pool can be recognised in a goroutine dump and in a CPU profile.
func ExampleName() {
	ctx := context.Background()
	pool := workerpool.New(1, workerpool.Name("mail"))
	pool.Submit(ctx, func(context.Context) {
		var dump bytes.Buffer
		pprof.Lookup("goroutine").WriteTo(&dump, 1)
		fmt.Println(strings.Contains(dump.String(), `"workerpool":"mail"`))
	})
	pool.Shutdown(ctx)
	// Output:
	// true
}

// What became of the tasks.
func ExampleStats() {
	ctx := context.Background()
	pool := workerpool.New(2, workerpool.OnPanic(func(*braid.PanicError) {}))
	for n := range 10 {
		pool.Submit(ctx, func(context.Context) {
			if n == 9 {
				panic(n)
			}
		})
	}
	pool.Shutdown(ctx)
	fmt.Println("after the end:", pool.Submit(ctx, func(context.Context) {}))

	s := pool.Stats()
	fmt.Println(s.Accepted, "accepted:", s.Completed, "completed,", s.Failed, "failed;", s.Rejected, "rejected")
	// Output:
	// after the end: workerpool: the pool is closed
	// 10 accepted: 9 completed, 1 failed; 1 rejected
}

// What Shutdown left undone.
func ExampleShutdownError() {
	pool := workerpool.New(1, workerpool.Queue(2))
	begun := make(chan struct{})
	stuck := make(chan struct{})
	pool.Submit(context.Background(), func(context.Context) { close(begun); <-stuck }) // does not obey
	<-begun
	pool.Submit(context.Background(), func(context.Context) {})

	now, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("power is out"))
	fmt.Println(pool.Shutdown(now))
	close(stuck)
	pool.Close()
	// Output:
	// workerpool: shutdown: power is out: 1 dropped, 1 still running
}
