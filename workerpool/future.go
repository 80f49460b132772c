package workerpool

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/braidgo/braid/internal/argument"
)

// Future is the result, to come, of a task given to a pool by [Go].
type Future[T any] struct {
	pool    *Pool
	ctx     context.Context // the submitter's
	task    func(context.Context) (T, error)
	claimed atomic.Bool
	ended   atomic.Bool // value and err are there, for good
	value   T
	err     error

	running sync.WaitGroup // of one
	mu      sync.Mutex
	done    chan struct{} // made for the first who needs a channel, closed by settle
}

// Go submits task and returns its future. Like [Pool.Submit] it waits for room;
// if the pool refuses the task, that is the future's error. So are a panic of
// the task, as a *braid.PanicError, and braid.ErrGoexit.
//
//	Goroutines: none of its own; the task runs on a worker of p.
//	Blocks:     until p has room. Safe for concurrent use.
//	Ends:       when the task is accepted, p is closed, or ctx is done.
//	Panics:     if an argument is nil; a panic in task is the future's error.
//	Memory:     one allocation, a second if ctx is not context.Background(), three more if task uses its own.
func Go[T any](ctx context.Context, p *Pool, task func(context.Context) (T, error)) *Future[T] {
	argument.NotNil("workerpool.Go", "p", p == nil)
	checkTask("Go", ctx, task == nil)
	f := &Future[T]{pool: p, ctx: known(ctx), task: task}
	f.running.Add(1)
	if err := p.submit(ctx, f); err != nil && f.claim() {
		f.settle(err, false)
	}
	return f
}

// Wait returns what the task returned, as soon as it has. If ctx is done first it
// returns the cause; the task goes on all the same, and Wait can be called again,
// by anybody. A result that is there is returned even if ctx is done.
//
// Inside a task of the same pool, a Wait for a task that has not begun runs it in
// the caller's slot (see [Pool.Submit]). If ctx is done before that task has
// ended, Wait returns, and until it ends the pool runs one task more than it has
// workers.
//
//	Goroutines: one if it runs the task in the caller's slot, until that ends; Close waits for it.
//	Blocks:     until the task has ended. Safe for concurrent use.
//	Ends:       when the task has ended or ctx is done.
//	Panics:     if ctx is nil; a panic in the task is the error returned.
//	Memory:     one allocation per future, unless neither ctx nor the task's can be done; inside, a goroutine.
func (f *Future[T]) Wait(ctx context.Context) (T, error) {
	argument.Context("workerpool.Future.Wait", ctx)
	switch {
	case f.ended.Load():
	case ctx.Done() == nil && f.ctx == nil && f.pool.enclosing(ctx) == nil:
		f.running.Wait() // there is nothing else to wait for: no channel is needed
	default:
		if err := f.pool.await(ctx, f, f.Done()); err != nil {
			var zero T
			return zero, err
		}
	}
	return f.value, f.err
}

// Done returns a channel that is closed when the task has ended, for use in a
// select. Wait then returns at once.
func (f *Future[T]) Done() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done == nil {
		f.done = make(chan struct{})
		if f.ended.Load() {
			close(f.done)
		}
	}
	return f.done
}

func (f *Future[T]) context() context.Context { return f.ctx }

func (f *Future[T]) claim() bool { return f.claimed.CompareAndSwap(false, true) }

func (f *Future[T]) run(ctx context.Context, _ *worker) error {
	f.value, f.err = f.task(ctx)
	return f.err
}

func (f *Future[T]) settle(err error, _ bool) {
	f.err = err
	f.task = nil // what it holds need not live as long as the result
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended.Store(true)
	f.running.Done()
	if f.done != nil {
		close(f.done)
	}
}
