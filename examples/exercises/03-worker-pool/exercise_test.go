//go:build exercises

package exercise

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errEnough = errors.New("enough")

// queue returns a channel with so many tasks in it.
func queue(n int, task func(context.Context)) chan func(context.Context) {
	tasks := make(chan func(context.Context), n)
	for range n {
		tasks <- task
	}
	return tasks
}

func TestAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended, running, most atomic.Int64
		tasks := queue(6, func(context.Context) {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(time.Second) // of fake time
			running.Add(-1)
			ended.Add(1)
		})
		close(tasks)
		start := time.Now()
		if err := Run(context.Background(), 2, tasks); err != nil {
			t.Errorf("the error is %v; wanted none", err)
		}
		if ended.Load() != 6 {
			t.Errorf("Run has returned, and %d of 6 tasks have ended", ended.Load())
		}
		if most.Load() > 2 {
			t.Errorf("%d tasks at once, with 2 workers", most.Load())
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("6 tasks of a second each, with 2 workers, took %v; wanted 3s", took)
		}
	})
}

// The tasks obey the context, and need another second to tidy up.
func TestContextWhileTasksRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errEnough) })
		var started, running atomic.Int64
		tasks := queue(100, func(ctx context.Context) {
			started.Add(1)
			running.Add(1)
			defer running.Add(-1)
			select {
			case <-ctx.Done():
				time.Sleep(time.Second) // of fake time
			case <-time.After(time.Hour):
			}
		})
		start := time.Now()
		err := Run(ctx, 2, tasks)
		if running.Load() != 0 {
			t.Errorf("Run has returned, and %d tasks still run", running.Load())
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("it took %v; wanted 2s, one of them for the tasks to tidy up", took)
		}
		if started.Load() != 2 {
			t.Errorf("%d tasks were started; wanted 2", started.Load())
		}
		if !errors.Is(err, errEnough) {
			t.Errorf("the error is %v; wanted the cause, %v", err, errEnough)
		}
	})
}

func TestContextWhileNothingComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errEnough) })
		if err := Run(ctx, 2, make(chan func(context.Context))); !errors.Is(err, errEnough) {
			t.Errorf("the error is %v; wanted the cause, %v", err, errEnough)
		}
	})
}

func TestDeadContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errEnough)
		var started atomic.Int64
		// So many workers that, if each tosses a coin, one of them starts a task.
		err := Run(ctx, 64, queue(100, func(context.Context) { started.Add(1) }))
		if started.Load() != 0 {
			t.Errorf("the context was dead, and %d tasks were started", started.Load())
		}
		if !errors.Is(err, errEnough) {
			t.Errorf("with a dead context, the error is %v; wanted the cause, %v", err, errEnough)
		}
	})
}
