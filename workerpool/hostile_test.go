package workerpool_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/testkit"
	"github.com/braidgo/braid/workerpool"
)

func TestHostile(t *testing.T) {
	for _, queue := range []workerpool.Option{workerpool.Queue(0), workerpool.Queue(1), workerpool.Queue(64)} {
		for _, subject := range subjects(queue) {
			testkit.Hostile(t, subject)
		}
	}
}

// subjects are the ways to have a pool run something.
func subjects(queue workerpool.Option) []testkit.Subject {
	return []testkit.Subject{
		{Name: "Submit", Run: func(ctx context.Context, workers, items int, f testkit.Callback) error {
			var panics errorList
			p := workerpool.New(workers, queue, workerpool.OnPanic(func(e *braid.PanicError) { panics.add(e) }))
			defer p.Close()
			var refused error
			for item := range items {
				refused = p.Submit(ctx, func(ctx context.Context) {
					ended := false
					defer func() {
						if !ended {
							panics.add(braid.ErrGoexit) // or a panic; the hook tells
						}
					}()
					panics.add(f(ctx, item))
					ended = true
				})
				if refused != nil {
					break
				}
			}
			return errors.Join(refused, p.Shutdown(context.Background()), panics.join())
		}},
		{Name: "Go", Run: func(ctx context.Context, workers, items int, f testkit.Callback) error {
			p := workerpool.New(workers, queue)
			defer p.Close()
			var futures []*workerpool.Future[int]
			for item := range items {
				futures = append(futures, workerpool.Go(ctx, p, func(ctx context.Context) (int, error) {
					return item, f(ctx, item)
				}))
			}
			var errs []error
			for item, future := range futures {
				got, err := future.Wait(context.Background())
				if err == nil && got != item {
					err = errors.New("a future has another's result")
				}
				errs = append(errs, err)
			}
			return errors.Join(errs...)
		}},
		{Name: "Group", FirstError: true, Run: func(ctx context.Context, workers, items int, f testkit.Callback) error {
			p := workerpool.New(workers, queue)
			defer p.Close()
			return runGroup(p.Group(ctx), items, f)
		}},
		{Name: "Group that keeps going", Run: func(ctx context.Context, workers, items int, f testkit.Callback) error {
			p := workerpool.New(workers, queue)
			defer p.Close()
			g := p.Group(ctx)
			g.KeepGoing()
			return runGroup(g, items, f)
		}},
		{Name: "Stateful.Do", Raises: true, Run: func(ctx context.Context, workers, items int, f testkit.Callback) error {
			p := newStateful(workers, queue)
			defer p.Close()
			var errs errorList
			var raised atomic.Pointer[braid.PanicError]
			do := func(item int) {
				defer func() {
					if value := recover(); value != nil {
						raised.Store(value.(*braid.PanicError))
					}
				}()
				errs.add(p.Do(ctx, func(ctx context.Context, _ *int) error { return f(ctx, item) }))
			}
			var next atomic.Int64
			var callers sync.WaitGroup
			for range 64 {
				callers.Go(func() {
					for item := int(next.Add(1)) - 1; item < items; item = int(next.Add(1)) - 1 {
						do(item)
					}
				})
			}
			callers.Wait()
			if e := raised.Load(); e != nil {
				panic(e)
			}
			return errs.join()
		}},
		{Name: "Stateful.Group", FirstError: true, Run: func(ctx context.Context, workers, items int, f testkit.Callback) error {
			p := newStateful(workers, queue)
			defer p.Close()
			g := p.Group(ctx)
			for item := range items {
				g.Go(func(ctx context.Context, _ *int) error { return f(ctx, item) })
			}
			return g.Wait()
		}},
	}
}

func runGroup(g *workerpool.Group, items int, f testkit.Callback) error {
	for item := range items {
		g.Go(func(ctx context.Context) error { return f(ctx, item) })
	}
	return g.Wait()
}

func newStateful(workers int, opts ...workerpool.Option) *workerpool.Stateful[*int] {
	return workerpool.NewStateful(workers, func(context.Context) (*int, error) { return new(int), nil }, nil, opts...)
}

type errorList struct {
	mu   sync.Mutex
	errs []error
}

func (l *errorList) add(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.errs = append(l.errs, err)
	}
}

func (l *errorList) join() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.errs...)
}
