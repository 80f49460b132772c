package matrix

import (
	"fmt"
	"sync"
	"sync/atomic"
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

// Heard, deferred by who calls a subject, makes an error of a panic that the subject raises
// in its caller: it has been heard of, as an error has.
func Heard(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic: %v", v)
	}
}
