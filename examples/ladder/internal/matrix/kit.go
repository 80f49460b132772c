package matrix

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A Tally counts calls: those that have begun, have ended and are running, and how many were
// running at most.
type Tally struct{ Started, Ended, Running, Peak atomic.Int64 }

// Begin counts a call that begins. The function it returns counts its end.
func (t *Tally) Begin() (end func()) {
	t.Started.Add(1)
	running := t.Running.Add(1)
	for peak := t.Peak.Load(); running > peak && !t.Peak.CompareAndSwap(peak, running); {
		peak = t.Peak.Load()
	}
	return t.end
}

func (t *Tally) end() {
	t.Running.Add(-1)
	t.Ended.Add(1)
}

// Meeting returns a function that returns when n goroutines have called it.
func Meeting(n int) func() {
	var present sync.WaitGroup
	present.Add(n)
	return func() {
		present.Done()
		present.Wait()
	}
}

// Many returns n, or 5,000 if the race detector is there: under it a goroutine takes several times as
// much memory and time, and some rungs start one for each of n.
func Many(n int) int {
	if RaceDetector {
		return min(n, 5_000)
	}
	return n
}

// Goroutines runs f and returns how many goroutines there are, one for f among them, when
// for the first time none of them can go on before time does.
func Goroutines(f func()) int {
	before := runtime.NumGoroutine()
	var caller sync.WaitGroup
	caller.Go(f)
	synctest.Wait()
	goroutines := runtime.NumGoroutine() - before
	caller.Wait()
	return goroutines
}

// CallerLeaves returns a context that is cancelled after a time, or already is if that is 0, and
// why it is.
func CallerLeaves(t *testing.T, after time.Duration) (ctx context.Context, cause error) {
	cause = errors.New("the caller left")
	ctx, cancel := context.WithCancelCause(t.Context())
	if after == 0 {
		cancel(cause)
	} else {
		time.AfterFunc(after, func() { cancel(cause) })
	}
	return ctx, cause
}

// Heard, deferred by who calls a subject, makes an error of a panic that the subject raises
// in its caller: it has been heard of, as an error has.
func Heard(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic: %v", v)
	}
}
