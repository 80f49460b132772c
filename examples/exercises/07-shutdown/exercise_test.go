//go:build exercises

package exercise

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slow is a job that takes a second.
func slow(done *atomic.Int64) func(int) {
	return func(int) {
		time.Sleep(time.Second) // of fake time
		done.Add(1)
	}
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var done atomic.Int64
		q := Start(2, 10, slow(&done))
		start := time.Now()
		for i := range 10 {
			if err := q.Submit(i); err != nil {
				t.Errorf("Submit returned %v; wanted nil", err)
			}
		}
		if err := q.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown returned %v; wanted nil", err)
		}
		if done.Load() != 10 {
			t.Errorf("10 jobs were accepted, Shutdown has returned, and %d are done", done.Load())
		}
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("10 jobs of a second each took %v with 2 workers; wanted 5s", took)
		}
		if err := q.Submit(11); !errors.Is(err, ErrClosed) {
			t.Errorf("after Shutdown, Submit returned %v; wanted ErrClosed", err)
		}
	})
}

func TestNothingToDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := Start(2, 10, func(int) {})
		for range 2 {
			if err := q.Shutdown(t.Context()); err != nil {
				t.Errorf("Shutdown returned %v; wanted nil", err)
			}
		}
	})
}

func TestSubmitWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var done atomic.Int64
		q := Start(1, 2, slow(&done))
		start := time.Now()
		for i := range 4 { // one runs, two wait
			q.Submit(i)
			synctest.Wait()
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("one worker, room for 2, and 4 jobs were accepted after %v; wanted 1s", took)
		}
		q.Shutdown(t.Context())
	})
}

// Many wait in Submit when Shutdown begins. Each is either accepted, and done, or refused, and not done.
func TestShutdownWhileSubmitWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var accepted, refused, done atomic.Int64
		q := Start(1, 2, slow(&done))
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				switch err := q.Submit(i); {
				case err == nil:
					accepted.Add(1)
				case errors.Is(err, ErrClosed):
					refused.Add(1)
				}
			})
		}
		time.Sleep(1500 * time.Millisecond) // of fake time
		q.Shutdown(context.Background())
		finished := done.Load()
		all.Wait()
		if accepted.Load() != finished {
			t.Errorf("%d jobs were accepted, Shutdown has returned, and %d are done", accepted.Load(), finished)
		}
		if accepted.Load() != 4 || refused.Load() != 6 {
			t.Errorf("%d jobs were accepted, and %d refused; wanted 4 and 6", accepted.Load(), refused.Load())
		}
	})
}

func TestShutdownWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var done atomic.Int64
		q := Start(1, 10, slow(&done))
		for i := range 5 {
			q.Submit(i)
		}
		enough, start := errors.New("enough"), time.Now()
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(1500*time.Millisecond, func() { cancel(enough) })
		err := q.Shutdown(ctx)
		if took := time.Since(start); took != 1500*time.Millisecond || !errors.Is(err, enough) {
			t.Errorf("Shutdown returned %v after %v; wanted %v after 1.5s", err, took, enough)
		}
		if err := q.Shutdown(context.Background()); err != nil || done.Load() != 5 {
			t.Errorf("the second Shutdown returned %v, and %d of 5 jobs are done; wanted nil, and all", err, done.Load())
		}
	})
}
