package workerpool

import (
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/argument"
	"github.com/braidgo/braid/internal/capture"
	"github.com/braidgo/braid/internal/lazyctx"
)

// Pool is a bounded set of goroutines, its workers, that run tasks. A worker is
// started when there is work and none is idle, up to the limit, and stays until
// the pool is closed or resized or, with [IdleTimeout], has long been idle.
// All methods are safe for concurrent use.
//
//	Goroutines: at most workers, and one for each task that runs in a lent slot; none after Close.
//	Blocks:     Submit until there is room, Close and Shutdown until the tasks have ended.
//	Ends:       with Close or Shutdown. A pool abandoned without either leaks its idle workers.
//	Panics:     a panic in a task nobody waits for goes to OnPanic, else the program crashes.
//	Memory:     the queue, and a stack per goroutine; it does not grow with the number of tasks.
//
// What happens before Submit happens before the task, and what a task does
// happens before Wait or Shutdown returns. Workers take tasks in the order in
// which they were accepted; those that run in a lent slot do not wait their turn.
//
// Do not use a pool where there are few tasks, or where all of them may run at
// once: a go statement and a sync.WaitGroup are simpler.
type Pool struct {
	options
	base      context.Context // inside every worker's context; ends with the pool
	cancel    context.CancelCauseFunc
	queue     *queue
	openState func(context.Context) (any, error) // of a Stateful, else nil
	shutState func(any) error
	done      chan struct{} // closed when the pool is closed and all it ran has ended

	// What the fast paths read without the lock, on cache lines of their own,
	// like all that is above. Only the lock's holder writes it.
	_        cacheLine
	spare    atomic.Int64 // > 0: a submitter can wake a worker; < 0: there are too many workers; see showSpare
	waiting  atomic.Int64 // how many waiters there are
	dropping atomic.Bool  // what has not begun never will
	_        cacheLine
	rejected atomic.Uint64
	helped   atomic.Uint64 // tasks that somebody claimed before a worker came to them,
	skipped  atomic.Uint64 // and those of them that a worker has come to since

	mu         sync.Mutex           // held for a moment only, never across what may block
	limit      int                  // how many workers there may be
	busy       int                  // workers that are not idle
	waking     int                  // of these, those that were woken and have not begun
	idle       []*worker            // a stack: who worked last is woken first
	workers    map[*worker]struct{} // whose goroutines have not ended,
	leaving    int                  // and those of them that are on their way out
	waiters    waiterList           // submitters without room, first come, first served
	direct     uint64               // tasks that were accepted without passing through queue,
	begun      uint64               // and those of them that were taken
	past       tally                // of the workers that have left, and of the lent slots
	lent       map[*worker]struct{} // stand in for workers in lent slots
	holds      int                  // reasons why the pool is not done yet, though no worker is left
	states     stateKeeper          // of a Stateful
	closed     bool
	waiterPool sync.Pool // of *waiter; the pool's own, as waiters hold channels
}

// task is what passes through the pool: a function, a future, a group's member.
type task interface {
	context() context.Context                 // its submitter's; nil stands for context.Background()
	claim() bool                              // true for one caller only, who alone goes on
	run(ctx context.Context, w *worker) error // on w
	settle(err error, ran bool)               // then, once: how it ended, or why it never ran
}

// fireAndForget is the task of a Submit with context.Background(). A function is
// one word, so that it costs no allocation to make it a task. Nobody knows of it
// but who has popped it, so there is nobody to claim it from.
type fireAndForget func(context.Context)

func (f fireAndForget) context() context.Context                 { return nil }
func (f fireAndForget) claim() bool                              { return true }
func (f fireAndForget) run(ctx context.Context, _ *worker) error { f(ctx); return nil }
func (f fireAndForget) settle(error, bool)                       {}

// withContext is the task of any other Submit, and its own context: one
// allocation for both.
type withContext struct {
	taskContext
	fireAndForget
}

func (t *withContext) context() context.Context { return t.Parent }
func (t *withContext) settle(error, bool)       { t.fireAndForget = nil } // the context may live on

// known returns nil for context.Background(), in whose place a worker's own
// context serves, and any other context as it is. The comparison cannot panic,
// whatever the type of ctx: that of Background is comparable.
func known(ctx context.Context) context.Context {
	if ctx == background {
		return nil
	}
	return ctx
}

var background = context.Background()

// causeOf returns what has ended ctx, or nil. ctx may be nil.
func causeOf(ctx context.Context) error {
	if ctx == nil || ctx.Err() == nil {
		return nil
	}
	return context.Cause(ctx)
}

func doneOf(ctx context.Context) <-chan struct{} {
	if ctx == nil {
		return nil
	}
	return ctx.Done()
}

// New makes a pool of at most workers goroutines, and starts none of them.
//
//	Goroutines: none.
//	Blocks:     never.
//	Ends:       at once. The pool must be ended with Close or Shutdown.
//	Panics:     if workers < 1 or an option is nil.
//	Memory:     24 bytes per place in the queue, their number rounded up to a power of two.
func New(workers int, opts ...Option) *Pool {
	p := newPool("New", workers, opts)
	p.queue = newQueue(p.queueSize)
	return p
}

func newPool(caller string, workers int, opts []Option) *Pool {
	argument.AtLeast("workerpool."+caller, "workers", workers, 1)
	p := &Pool{
		options: options{queueSize: min(workers, maxQueue)},
		limit:   workers,
		workers: make(map[*worker]struct{}),
		lent:    make(map[*worker]struct{}),
		done:    make(chan struct{}),
	}
	for i, opt := range opts {
		if opt == nil {
			panic(fmt.Sprintf("workerpool.%s: opts[%d] is nil", caller, i))
		}
		opt(&p.options)
	}
	ctx := context.Background()
	if p.name != "" {
		ctx = pprof.WithLabels(ctx, pprof.Labels("workerpool", p.name))
	}
	p.base, p.cancel = context.WithCancelCause(ctx)
	p.setBusy(0)
	return p
}

// ---- The path of a task ------------------------------------------------------
//
//	Submit ─▶ accept ─▶ queue.push ──────────────▶ queue.pop ◀─ next ◀─┐
//	             │ └─ a worker to spare: wakeOne ─▶ handOver ─▶ inbox  │
//	             └─ no room: waitForRoom               │          │    │
//	                                                   ▼          ▼    │
//	                     nothing to do: rest ◀── loop: claim ─▶ perform ─▶ run ─▶ ended
//
// On a first reading, pass over slots (what a task lends while it waits, in
// nesting.go) and states (what a Stateful adds, in states.go).

// ---- A task comes in ---------------------------------------------------------

// Submit hands task to the pool and waits for room if the queue is full. It
// returns nil once the task is accepted, the cause of ctx if that is done before
// there is room, and [ErrClosed] if the pool is closed. It does not report how the task ended;
// use [Go] or a [Group] for that.
//
// The task's context is a child of ctx that is cancelled when the task returns
// or the pool is closed. If ctx is done while the task is in the queue, the task
// never runs. For context.Background() nothing is allocated: the task is given
// its worker's own context, which it must not use after it has returned.
//
// Inside a task of this pool, that is, if ctx derives from the context of one
// that still runs, a Submit that would have to wait runs task at once, on a
// goroutine of its own in the caller's slot, and returns when it has ended. That
// the caller meanwhile does nothing but wait is taken for granted.
//
// Contract: that of Pool.
func (p *Pool) Submit(ctx context.Context, task func(context.Context)) error {
	checkTask("Pool.Submit", ctx, task == nil)
	if ctx == background {
		return p.accept(fireAndForget(task))
	}
	return p.submit(ctx, &withContext{taskContext{Context: lazyctx.Context{Parent: ctx}, pool: p}, task})
}

// TrySubmit is a Submit that never waits: without room it returns [ErrFull]. A
// task whose context is done keeps its place in the queue until a worker comes
// to it.
//
// Contract: that of Pool.
func (p *Pool) TrySubmit(ctx context.Context, task func(context.Context)) error {
	checkTask("Pool.TrySubmit", ctx, task == nil)
	if ctx == background {
		return p.tryAccept(fireAndForget(task))
	}
	return p.trySubmit(ctx, &withContext{taskContext{Context: lazyctx.Context{Parent: ctx}, pool: p}, task})
}

func (p *Pool) submit(ctx context.Context, t task) error {
	if ctx.Err() != nil {
		return p.reject(context.Cause(ctx))
	}
	return p.accept(t)
}

func (p *Pool) trySubmit(ctx context.Context, t task) error {
	if ctx.Err() != nil {
		return p.reject(context.Cause(ctx))
	}
	return p.tryAccept(t)
}

// accept is the way of every task, for most of them without a lock: into the
// queue, and a worker to spare learns of it.
func (p *Pool) accept(t task) error {
	if !p.queue.push(t, false) {
		return p.waitForRoom(t) // full, or barred: the pool is closed, or others wait
	}
	if p.spare.Load() > 0 {
		p.wakeOne()
	}
	return nil
}

func (p *Pool) tryAccept(t task) error {
	if p.queue.push(t, false) {
		if p.spare.Load() > 0 {
			p.wakeOne()
		}
		return nil
	}
	waiter := p.joinWaiters(t) // which lets it in if there is a worker to spare
	if p.withdraw(waiter) {
		return p.reject(ErrFull)
	}
	return p.awaitAnswer(waiter, t)
}

// showSpare tells submitters how many more workers they could wake: none, while
// one is just waking. That one looks for company before it begins its own task
// (see awake). So a burst of tasks wakes workers one behind the other's waking,
// never behind its work; and a stream of short tasks, most of which would wake a
// receiver of a plain channel, wakes hardly any. The caller holds mu.
func (p *Pool) showSpare() {
	spare := p.limit - p.busy
	if p.waking > 0 {
		spare = min(spare, 0)
	}
	p.spare.Store(int64(spare))
}

func (p *Pool) wakeOne() {
	p.mu.Lock()
	p.handOverOldest()
	p.unlock()
}

// handOverOldest hands the oldest task of the queue, if there is one, to a worker
// to spare, if there is one. The caller holds mu.
func (p *Pool) handOverOldest() {
	if p.limit > p.busy {
		if t, ok := p.queue.pop(); ok {
			p.handOver(t)
		}
	}
}

// handOver gives t to an idle worker or a new one, which begins it as soon as it
// is awake. The caller holds mu and has seen that there is one to spare.
func (p *Pool) handOver(t task) {
	p.waking++
	p.setBusy(p.busy + 1)
	var w *worker
	if last := len(p.idle) - 1; last >= 0 {
		w = p.idle[last]
		p.idle = slices.Delete(p.idle, last, last+1)
	} else {
		w = p.startWorker()
	}
	w.inbox <- t // never blocks: it has room for one, and an idle worker's is empty
}

func (p *Pool) setBusy(n int) {
	p.busy = n
	p.showSpare()
}

// ---- A worker runs it --------------------------------------------------------

// worker is one goroutine of the pool.
type worker struct {
	pool    *Pool
	ctx     *workerContext
	inbox   chan task // from handOver; closed by whoever sends an idle worker away
	current atomic.Pointer[taskContext]
	timer   *time.Timer // of its idle time, once it has been idle
	state   any         // of a Stateful[S] a *S; nil: none is open
	opened  bool        // it has tried to open its first state
	resumed bool        // a task has ended its goroutine, and it goes on on another
	leaves  bool        // it goes of its own will
	crashes bool        // and the program with it
	_       cacheLine
	tally   tally
	_       cacheLine
}

// startWorker starts a goroutine that ends when next sends it away. The caller
// holds mu. Close and Shutdown wait for it.
func (p *Pool) startWorker() *worker {
	w := &worker{pool: p, inbox: make(chan task, 1), ctx: &workerContext{Context: p.base, pool: p}}
	p.workers[w] = struct{}{}
	go w.loop()
	return w
}

// loop is a worker's life.
func (w *worker) loop() {
	defer w.end()
	pprof.SetGoroutineLabels(w.pool.base) // not those of the submitter that started it
	for t, ok := w.first(); ok; t, ok = w.next() {
		if f, plain := t.(fireAndForget); plain && w.pool.name == "" && !w.pool.dropping.Load() {
			w.call(f)
		} else if t.claim() {
			w.perform(t)
		} else {
			w.pool.skipped.Add(1)
		}
	}
	w.leaves = true
}

func (w *worker) first() (task, bool) {
	if w.resumed || w.pool.openState != nil {
		return w.next()
	}
	t := <-w.inbox
	w.awake()
	return t, true
}

// awake is the first thing a woken worker does: if there is more in the queue
// and another worker to spare, it wakes that one, and only then begins its task.
// A submitter pushes first and looks for spare workers after that, while this
// shows them first and looks into the queue after that: one sees the other.
func (w *worker) awake() {
	p := w.pool
	p.mu.Lock()
	p.waking--
	p.showSpare()
	p.handOverOldest()
	p.unlock()
}

// next returns the worker's next task, or false when the worker is to leave.
//
// A worker that finds nothing steps back once, in favour of the submitter that
// may be about to bring more: to wake a worker costs several times as much.
func (w *worker) next() (task, bool) {
	p := w.pool
	if p.openState != nil && !w.hasState() {
		return nil, false
	}
	for stepped := false; p.spare.Load() >= 0; stepped = true { // below 0, Resize wants workers to leave
		if t, ok := p.queue.pop(); ok {
			if p.waiting.Load() > 0 {
				p.admitWaiters()
			}
			return t, true
		}
		if stepped {
			break
		}
		runtime.Gosched()
	}
	return w.rest()
}

// rest makes the worker idle until it is handed a task. It counts itself among
// the idle first and looks for a task after that, while a submitter pushes first
// and counts the idle after that: whatever the order, one of them sees the other.
func (w *worker) rest() (task, bool) {
	w.ctx.slot.close() // waits for who has borrowed it
	t, ok, idle := w.pool.goIdle(w)
	if idle {
		if t, ok = w.receive(); ok {
			w.awake()
		}
	}
	if ok {
		w.ctx.slot.reopen()
	}
	return t, ok
}

// goIdle gives w, which has found nothing to do, a task all the same (ok), makes
// it idle (idle), or sends it away (neither).
func (p *Pool) goIdle(w *worker) (t task, ok, idle bool) {
	p.mu.Lock()
	defer p.unlock()
	p.setBusy(p.busy - 1)
	if p.size() > p.limit && !p.states.owesInside() {
		p.leaving++
		return nil, false, false
	}
	if t, ok := p.take(); ok {
		p.setBusy(p.busy + 1)
		if p.openState != nil {
			p.balanceStates() // there is room for another promise
		}
		return t, true, false
	}
	if p.closed {
		p.leaving++
		return nil, false, false
	}
	p.idle = append(p.idle, w)
	return nil, false, true
}

// size is the number of workers that are not on their way out.
func (p *Pool) size() int { return len(p.workers) - p.leaving }

// receive waits for a task at most as long as a worker may be idle.
func (w *worker) receive() (task, bool) {
	p := w.pool
	if p.idleTimeout == 0 {
		t, ok := <-w.inbox
		return t, ok
	}
	if w.timer == nil {
		w.timer = time.NewTimer(p.idleTimeout)
	} else {
		w.timer.Reset(p.idleTimeout)
	}
	select {
	case t, ok := <-w.inbox:
		w.timer.Stop()
		return t, ok
	case <-w.timer.C:
	}
	p.mu.Lock()
	if i := slices.Index(p.idle, w); i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
		p.leaving++
		p.unlock()
		return nil, false
	}
	p.unlock()
	t, ok := <-w.inbox // it was chosen at the last moment
	return t, ok
}

// perform runs a claimed task, or says why it does not run.
func (w *worker) perform(t task) {
	p := w.pool
	if p.dropping.Load() {
		w.tally.dropped.Add(1)
		t.settle(ErrDropped, false)
		return
	}
	ctx := t.context()
	if ctx == nil && w.ctx != nil {
		w.run(t, w.ctx, nil)
		return
	}
	if err := causeOf(ctx); err != nil {
		w.tally.cancelled.Add(1)
		t.settle(err, false)
		return
	}
	own := newTaskContext(p, t)
	w.current.Store(own)
	if p.dropping.Load() { // Close may have looked for it before
		own.End(ErrClosed)
	}
	w.run(t, own, own)
}

// call is what perform and run come to for a plain function in a pool without a
// name: the same in less than half the time (BenchmarkOneTask).
func (w *worker) call(f fireAndForget) {
	returned := false
	defer func() {
		if !returned {
			w.failed(f, nil, capture.Error(recover()))
			return
		}
		w.tally.completed.Add(1)
		if w.ctx.slot.lent.Load() {
			w.reclaimSlot()
		}
	}()
	f(w.ctx)
	returned = true
}

// run calls the task and sees to all that follows, however it ends. own is the
// context that was made for this task, or nil.
func (w *worker) run(t task, ctx context.Context, own *taskContext) {
	var err error
	returned := false
	defer func() {
		if returned {
			w.ended(t, own, err)
		} else {
			w.failed(t, own, capture.Error(recover()))
		}
	}()
	if w.pool.name != "" && trace.IsEnabled() {
		defer trace.StartRegion(ctx, w.pool.name).End()
	}
	err = t.run(ctx, w)
	returned = true
}

// failed reports a panic, or runtime.Goexit, to those who are to hear of it
// beside the one who waits for the task. If nobody at all is to hear of a panic,
// the program crashes, as it would have done without a pool.
func (w *worker) failed(t task, own *taskContext, err error) {
	panicked, ok := err.(*braid.PanicError)
	if ok && w.pool.onPanic == nil && !awaited(t) {
		w.crashes = true // nobody may take the pool for done and end the program in peace
		panic(panicked.Value)
	}
	defer w.unlessItCrashes(func() { w.ended(t, own, err) }) // whatever the hook does
	defer w.unlessItCrashes(w.closeState)                    // it may be half changed
	w.tellHook(err)
}

// awaited reports whether somebody will be told how t ended.
func awaited(t task) bool {
	switch t.(type) {
	case fireAndForget, *withContext:
		return false
	}
	return true
}

// tellHook calls the hook if err is a panic. A hook that panics itself ends the
// program, and nobody may end it in peace before that.
func (w *worker) tellHook(err error) {
	panicked, ok := err.(*braid.PanicError)
	if !ok || w.pool.onPanic == nil {
		return
	}
	defer func() {
		if value := recover(); value != nil {
			w.crashes = true
			panic(value)
		}
	}()
	w.pool.onPanic(panicked)
}

func (w *worker) unlessItCrashes(f func()) {
	if !w.crashes {
		f()
	}
}

// ended counts the task, ends its context, tells who waits for it, and at last
// waits for the one who has borrowed its slot, if somebody has.
func (w *worker) ended(t task, own *taskContext, err error) {
	if err == nil {
		w.tally.completed.Add(1)
	} else {
		w.tally.failed.Add(1)
	}
	if own != nil {
		own.End(context.Canceled)
		w.current.Store(nil)
	}
	t.settle(err, true)
	if own != nil {
		own.slot.close()
	} else if w.ctx.slot.lent.Load() {
		w.reclaimSlot()
	}
}

// reclaimSlot waits for who has borrowed the worker's own slot.
func (w *worker) reclaimSlot() {
	w.ctx.slot.close()
	w.ctx.slot.reopen()
}

// end is the last thing a worker's goroutine does.
func (w *worker) end() {
	if w.crashes {
		return
	}
	if !w.leaves { // a task called runtime.Goexit
		w.resumed = true
		go w.loop() // takes its place, and ends as it would have
		return
	}
	defer w.unlessItCrashes(func() { w.pool.remove(w) }) // even if closing the state ends the goroutine
	w.closeState()
}

func (p *Pool) remove(w *worker) {
	p.mu.Lock()
	delete(p.workers, w)
	p.leaving--
	p.past.add(&w.tally)
	p.balance() // a Stateful may have waited for the state to be closed
	p.finishIfDone()
	p.unlock()
}
