package fanout

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Cases are what every version is put through, in every language.
var Cases = []struct{ Name, Says string }{
	{"order", "the results are in the order of the items"},
	{"bound", "no more run at once than the limit"},
	{"error", "a call that fails cancels the rest"},
	{"panic", "a call that panics does, too, and the caller learns of it"},
	{"cancel", "the caller's cancel ends it"},
	{"timeout", "the timeout ends it"},
	{"left", "nothing is left running, though the calls need a moment to end"},
}

const (
	limit  = 3
	items  = 20
	prompt = time.Second // in which all is over: nobody has waited for a call that waits for long
	long   = 10 * time.Second
	short  = 50 * time.Millisecond
)

var errCall = errors.New("the second call fails")

// calls is what the calls of one case have in common.
type calls struct {
	name                   string
	started, running, most atomic.Int64
}

func (c *calls) double(ctx context.Context, item int) (int, error) {
	nth := c.started.Add(1) // items may be started in any order
	now := c.running.Add(1)
	defer c.running.Add(-1)
	for most := c.most.Load(); now > most && !c.most.CompareAndSwap(most, now); {
		most = c.most.Load()
	}
	wait := long
	switch {
	case c.name == "order" || c.name == "bound":
		wait = time.Duration(items-item) * time.Millisecond // the first take longest
	case nth == 2 && (c.name == "error" || c.name == "panic" || c.name == "left"):
		wait = short
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		if c.name == "left" {
			time.Sleep(short) // to clean up
		}
		return 0, context.Cause(ctx)
	}
	switch {
	case wait != short:
		return 2 * item, nil
	case c.name == "panic":
		panic("the second call panics")
	}
	return 0, errCall
}

// Judge puts a version through a case. It returns what is wrong, or nothing. A panic that nobody
// can recover from ends the program.
func Judge(ctx context.Context, version FanOut, name string) (wrong string) {
	c := &calls{name: name}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	within := long / 2
	switch name {
	case "cancel":
		time.AfterFunc(short, cancel)
	case "timeout":
		within = short
	}
	all := make([]int, items)
	for i := range all {
		all[i] = i
	}
	goroutines, began := runtime.NumGoroutine(), time.Now()
	results, err := caught(func() ([]int, error) { return version(ctx, limit, within, all, c.double) })
	took, running, left := time.Since(began), c.running.Load(), runtime.NumGoroutine()-goroutines
	switch started, most := c.started.Load(), c.most.Load(); {
	case !c.right(results, err):
		return fmt.Sprintf("it returned %v and %v", results, err)
	case running > 0:
		return fmt.Sprintf("%d calls are still running", running)
	case most != limit:
		return fmt.Sprintf("%d calls ran at once, not %d", most, limit)
	case name != "order" && name != "bound" && started > limit+1: // one may be on its way
		return fmt.Sprintf("%d calls were started", started)
	case took > prompt:
		return fmt.Sprintf("it took %v", took)
	case left > limit: // a goroutine that is done takes a moment to be gone
		return fmt.Sprintf("%d goroutines are left", left)
	}
	return ""
}

// right tells whether that is how the case has to end.
func (c *calls) right(results []int, err error) bool {
	switch c.name {
	case "error", "left":
		return errors.Is(err, errCall)
	case "panic":
		return err != nil && strings.Contains(err.Error(), "the second call panics")
	case "cancel":
		return errors.Is(err, context.Canceled)
	case "timeout":
		return errors.Is(err, context.DeadlineExceeded)
	}
	return err == nil && slices.Equal(results, slices.Collect(doubles))
}

func doubles(yield func(int) bool) {
	for i := range items {
		if !yield(2 * i) {
			return
		}
	}
}

// caught makes a panic an error, as a caller can.
func caught(f func() ([]int, error)) (results []int, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return f()
}
