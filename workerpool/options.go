package workerpool

import (
	"context"
	"fmt"
	"time"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/argument"
)

// Option changes how a pool works. Options are given to [New] and [NewStateful].
type Option func(*options)

type options struct {
	queueSize   int
	idleTimeout time.Duration
	onPanic     func(*braid.PanicError)
	name        string
}

// maxQueue is more than anybody's memory holds, and keeps sums of sizes in range.
const maxQueue = 1 << 30

// Queue sets how many tasks may wait for a worker; without it, as many as there
// are workers at first. With Queue(0) a task is accepted only when a worker can
// begin it. A long queue evens out bursts; it does not make the pool faster, and
// what waits in it grows stale. It panics if n < 0 or n > 1<<30.
func Queue(n int) Option {
	if n < 0 || n > maxQueue {
		panic(fmt.Sprintf("workerpool.Queue: n is %d, want 0 to %d", n, maxQueue))
	}
	return func(o *options) { o.queueSize = n }
}

// IdleTimeout makes a worker end that has had no work for d; it is started
// again when there is work for it. Without this option, or if d is 0, workers
// stay. It panics if d < 0.
func IdleTimeout(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("workerpool.IdleTimeout: d is %v, want at least 0", d))
	}
	return func(o *options) { o.idleTimeout = d }
}

// OnPanic has hook called for every panic of a task, and of the open and close of
// a Stateful, on the goroutine it happened on, before whoever waits for the task
// learns of it. With a hook, a panic in a task nobody waits for does not crash
// the program. It panics if hook is nil.
func OnPanic(hook func(*braid.PanicError)) Option {
	if hook == nil {
		panic("workerpool.OnPanic: hook is nil")
	}
	return func(o *options) { o.onPanic = hook }
}

// Name names the pool in profiles, goroutine dumps and traces: its workers carry
// the pprof label "workerpool", and each task is a runtime/trace region.
func Name(name string) Option {
	return func(o *options) { o.name = name }
}

// checkTask is small enough to be inlined, and its callers are fast paths.
func checkTask(caller string, ctx context.Context, isNil bool) {
	if ctx == nil || isNil {
		refuseTask(caller, ctx, isNil)
	}
}

func refuseTask(caller string, ctx context.Context, isNil bool) {
	argument.Context("workerpool."+caller, ctx)
	argument.NotNil("workerpool."+caller, "task", isNil)
}
