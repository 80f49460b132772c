package workerpool

import (
	"errors"
	"fmt"
	"slices"

	"github.com/braidgo/braid/internal/capture"
)

// stateKeeper is what a Stateful adds to its Pool. Opening a state can take long
// and fail, so a task is not given to a worker that has yet to open its own: it is
// promised, and the first worker that is ready takes it. Speed is no matter here,
// and all of it is under the pool's lock.
type stateKeeper struct {
	promised []promise // oldest first
	opening  int       // workers that have not opened their first state yet
	broken   bool      // the last open failed, and no task has come since
	errs     []error
	unsaid   int // errors beyond maxCloseErrors
}

// promise is a task that was accepted and has yet to find a worker.
type promise struct {
	task   task
	inside bool // it came from a task of this Stateful
}

// maxCloseErrors bounds what a pool remembers of a close that always fails.
const maxCloseErrors = 100

func (k *stateKeeper) takePromised() (task, bool) {
	if len(k.promised) == 0 {
		return nil, false
	}
	t := k.promised[0].task
	k.promised[0] = promise{}
	k.promised = k.promised[1:]
	return t, true
}

// balanceStates is balance for a Stateful.
func (p *Pool) balanceStates() {
	k := &p.states
	for len(p.idle) > 0 {
		t, ok := p.take()
		if !ok {
			return
		}
		p.handOver(t)
	}
	for p.canStart() > 0 && !k.broken && k.opening < len(k.promised)+int(p.waiting.Load()) {
		p.setBusy(p.busy + 1)
		k.opening++
		p.startWorker()
	}
	for w := p.waiters.first; w != nil && len(k.promised) < p.queueSize+k.opening; w = p.waiters.first {
		k.promised = append(k.promised, promise{w.task, w.inside})
		p.direct++
		p.answer(w, nil)
	}
}

// canStart is how many more workers may be started. One that is closing its state
// still counts: there are never more states than workers allowed.
func (p *Pool) canStart() int {
	return max(0, p.limit-len(p.workers))
}

// canBegin reports whether there is a worker, or can be one, for the last of the
// waiters, beside those that the tasks before it will have. The caller holds mu.
func (p *Pool) canBegin() bool {
	before := len(p.states.promised) + int(p.waiting.Load()) - 1
	return len(p.idle)+p.states.opening+p.canStart() > before
}

// owesInside reports whether a task is promised that came from inside. The
// worker that opens for it takes it even if Resize has sent the worker away:
// the others may be waiting for that task.
func (k *stateKeeper) owesInside() bool {
	return slices.ContainsFunc(k.promised, func(promised promise) bool { return promised.inside })
}

// hasState opens the worker's state unless it is open. If that fails, the worker
// leaves.
func (w *worker) hasState() (ok bool) {
	if w.state != nil {
		return true
	}
	p := w.pool
	var state any
	err := ErrDropped
	capture.Run(func() {
		if !p.dropping.Load() {
			state, err = p.openState(w.ctx)
		}
	}, func(abnormal error) {
		if abnormal != nil {
			err = abnormal
		}
		if ok = err == nil; ok {
			w.state = state
		}
		defer w.unlessItCrashes(func() { p.opened(w, err) }) // whatever the hook does
		w.tellHook(abnormal)
	})
	return ok
}

// opened notes the end of an open. If it failed, w leaves; and if no other
// worker is there to take what waits, what waits fails.
func (p *Pool) opened(w *worker, err error) {
	k := &p.states
	p.mu.Lock()
	if !w.opened {
		w.opened = true
		k.opening--
	}
	if err == nil {
		p.unlock()
		return
	}
	w.leaves = true
	p.leaving++
	p.setBusy(p.busy - 1)
	k.broken = true
	err = fmt.Errorf("workerpool: open a worker's state: %w", err)
	hopeless := p.failHopeless(err)
	p.balance()
	p.unlock()
	for _, t := range hopeless {
		if t.claim() {
			p.past.failed.Add(1)
			t.settle(err, false)
		} else {
			p.skipped.Add(1)
		}
	}
}

// failHopeless returns the promised tasks that no worker will come to: all of
// them if there is none left, else those from inside this pool, for which
// the workers that are left may be waiting. The caller holds mu.
func (p *Pool) failHopeless(err error) (hopeless []task) {
	k := &p.states
	alone := p.size() == 0
	kept := k.promised[:0:0]
	for _, promised := range k.promised {
		if alone || promised.inside {
			hopeless = append(hopeless, promised.task)
			p.begun++
		} else {
			kept = append(kept, promised)
		}
	}
	k.promised = kept
	for w := p.waiters.first; alone && w != nil; w = p.waiters.first {
		p.answer(w, err)
	}
	return hopeless
}

// closeState closes the worker's state, if it has one.
func (w *worker) closeState() {
	if w.state == nil {
		return
	}
	p, state := w.pool, w.state
	w.state = nil
	var err error
	capture.Run(func() { err = p.shutState(state) }, func(abnormal error) {
		if abnormal != nil {
			err = abnormal
		}
		defer w.tellHook(abnormal)
		if err != nil {
			p.mu.Lock()
			p.states.remember(fmt.Errorf("workerpool: close a worker's state: %w", err))
			p.unlock()
		}
	})
}

func (k *stateKeeper) remember(err error) {
	if len(k.errs) < maxCloseErrors {
		k.errs = append(k.errs, err)
	} else {
		k.unsaid++
	}
}

// closeErrors is called when the pool is done, and nothing changes any more.
func (k *stateKeeper) closeErrors() error {
	if k.unsaid > 0 {
		return errors.Join(append(k.errs[:len(k.errs):len(k.errs)],
			fmt.Errorf("workerpool: and %d more errors of close", k.unsaid))...)
	}
	return errors.Join(k.errs...)
}
