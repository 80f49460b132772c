package workerpool

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/braidgo/braid/internal/argument"
)

// Group is a set of tasks on one pool that succeed or fail together: the first
// error cancels the context of the others, no further task of the group begins,
// and Wait returns that error. A panic is such an error, a *braid.PanicError, and
// so is braid.ErrGoexit. A pool can serve many groups at once. A group is used
// once: what is added after Wait has returned never runs.
//
//	Goroutines: none of its own; the tasks run on the workers of the pool.
//	Blocks:     Go until the pool has room, Wait until all tasks have ended. Safe for concurrent use.
//	Ends:       when the tasks have ended; a failure or the end of the group's context ends them sooner.
//	Panics:     if an argument is nil; a panic in a task is the error of Wait.
//	Memory:     two allocations per task, and three more if it uses its context, until it has ended.
type Group struct {
	pool   *Pool
	ctx    context.Context
	cancel context.CancelCauseFunc
	slot   *slot // of the task of the same pool that made the group; nil if none did

	mu        sync.Mutex
	used      bool
	keepGoing bool
	refused   bool // a task did not run, and errs says why
	errs      []error
	pending   int
	unstarted []*member     // accepted by the pool, oldest first; begun ones may be among them
	changed   chan struct{} // of a Wait that is blocked; closed when there is news for it
}

// member is a task of a group.
type member struct {
	group   *Group
	task    func(context.Context) error          // one of a Group's,
	onState func(context.Context, *worker) error // or of a StatefulGroup's
	claimed atomic.Bool
}

// Group returns a new group whose tasks' contexts are children of ctx.
//
// Contract: that of Pool.
func (p *Pool) Group(ctx context.Context) *Group {
	argument.Context("workerpool.Pool.Group", ctx)
	g := &Group{pool: p}
	if p.openState == nil { // a lent slot has no state
		g.slot = p.enclosing(ctx)
	}
	g.ctx, g.cancel = context.WithCancelCause(ctx)
	return g
}

// KeepGoing makes the group run all its tasks even if some fail: a failure
// cancels nothing, and Wait returns all errors joined, in the order they came.
// It panics after the first Go.
func (g *Group) KeepGoing() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.used {
		panic("workerpool.Group.KeepGoing: called after Go")
	}
	g.keepGoing = true
}

// Go adds task to the group and waits for room in the pool, as [Pool.Submit]
// does. If a task of the group has failed, and KeepGoing was not called, task does
// not run.
//
// A task that adds to its own group waits with the group's context, not its own,
// and thus for itself if there is no room: it should use TryGo, or a group that
// it makes of its own context.
//
// Contract: that of Group.
func (g *Group) Go(task func(context.Context) error) {
	argument.NotNil("workerpool.Group.Go", "task", task == nil)
	g.add(&member{group: g, task: task})
}

// TryGo is a Go that never waits. It returns false, and has not added the task, if
// there is no room, the pool is closed, the group's context is done or a task of
// the group has failed.
//
// Contract: that of Group.
func (g *Group) TryGo(task func(context.Context) error) bool {
	argument.NotNil("workerpool.Group.TryGo", "task", task == nil)
	return g.tryAdd(&member{group: g, task: task})
}

// Wait returns when all tasks of the group have ended: nil, or the first error,
// or all of them if KeepGoing was called. If the group's context was done before
// all tasks had begun, its cause is that error.
//
// Inside a task of the same pool, Wait runs those of the group's tasks that have
// not begun in the caller's slot, one after the other (see [Pool.Submit]).
//
// Contract: that of Group.
func (g *Group) Wait() error {
	for {
		changed, next := g.progress()
		if changed == nil {
			g.cancel(context.Canceled)
			return g.result()
		}
		if g.ctx.Err() != nil { // what has not begun need not wait for a worker to find out
			if next == nil {
				<-changed
			} else if next.claim() {
				g.pool.cancelQueued(next)
			}
			continue
		}
		var loan chan<- struct{}
		if next != nil {
			loan = g.slot.loan()
		}
		select {
		case <-changed:
		case <-g.ctx.Done():
		case loan <- struct{}{}: // never, unless a task of this pool made the group
			if next.claim() {
				<-g.pool.runLent(next, g.slot, true)
			} else {
				g.slot.giveBack()
			}
		}
	}
}

// progress returns nil if no task is pending. Otherwise it returns the oldest
// task that has not begun, if there is one, and a channel that is closed when
// there is another or none is pending any more.
func (g *Group) progress() (changed <-chan struct{}, next *member) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pending == 0 {
		return nil, nil
	}
	if g.changed == nil {
		g.changed = make(chan struct{})
	}
	g.forgetBegun()
	if len(g.unstarted) > 0 {
		next = g.unstarted[0]
	}
	return g.changed, next
}

// tellWait wakes the Wait that is blocked. The caller holds mu.
func (g *Group) tellWait() {
	if g.changed != nil {
		close(g.changed)
		g.changed = nil
	}
}

// forgetBegun keeps unstarted about as short as the pool's queue. The caller
// holds mu.
func (g *Group) forgetBegun() {
	for len(g.unstarted) > 0 && g.unstarted[0].claimed.Load() {
		g.unstarted[0] = nil
		g.unstarted = g.unstarted[1:]
	}
}

func (g *Group) result() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.keepGoing {
		return errors.Join(g.errs...)
	}
	if len(g.errs) > 0 {
		return g.errs[0]
	}
	return nil
}

func (g *Group) add(m *member) {
	g.expect()
	if err := g.pool.submit(g.ctx, m); err != nil {
		m.settle(err, false)
		return
	}
	g.list(m)
}

func (g *Group) tryAdd(m *member) bool {
	g.expect()
	if g.pool.trySubmit(g.ctx, m) != nil {
		m.settle(nil, false)
		return false
	}
	g.list(m)
	return true
}

func (g *Group) expect() {
	g.mu.Lock()
	g.used = true
	g.pending++
	g.mu.Unlock()
}

// list lets Wait find m, if it has not begun yet.
func (g *Group) list(m *member) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forgetBegun()
	if !m.claimed.Load() {
		g.unstarted = append(g.unstarted, m)
		g.tellWait()
	}
}

func (m *member) context() context.Context { return m.group.ctx }

func (m *member) claim() bool { return m.claimed.CompareAndSwap(false, true) }

func (m *member) run(ctx context.Context, w *worker) error {
	if m.onState != nil {
		return m.onState(ctx, w)
	}
	return m.task(ctx)
}

func (m *member) settle(err error, ran bool) {
	g := m.group
	m.task, m.onState = nil, nil
	failed := g.note(err, ran)
	if failed {
		g.cancel(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pending--; g.pending == 0 {
		g.tellWait()
	}
}

// note records err if Wait is to return it, and reports whether it ends the
// group. That tasks did not run, Wait says once.
func (g *Group) note(err error, ran bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err == nil || (!ran && g.refused) {
		return false
	}
	g.refused = g.refused || !ran
	if g.keepGoing || len(g.errs) == 0 {
		g.errs = append(g.errs, err)
	}
	return !g.keepGoing
}
