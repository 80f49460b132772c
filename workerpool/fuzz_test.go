package workerpool

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/testkit"
)

// ---- A Pool against its model ------------------------------------------------

// FuzzPool has one goroutine do one thing after the other to a pool and to its
// model, lets everything come to rest each time, and wants them to agree.
func FuzzPool(f *testing.F) { testkit.Fuzz(f, fuzzPool) }

// flat is a pool whose tasks do not use it.
type flat struct {
	t      *testing.T
	pool   *Pool
	model  *model
	idle   time.Duration // after which a worker leaves; 0: never
	tasks  []*flatTask
	closes []*flatClose
	limit  atomic.Int64
	active atomic.Int64
	hooked atomic.Int64
}

type flatTask struct {
	*modelTask
	flat    *flat
	ctx     context.Context
	cancel  context.CancelCauseFunc
	release func()
	freed   chan struct{}
	begun   atomic.Int64
	future  *Future[int]
	outcome atomic.Pointer[outcome]
}

type flatClose struct {
	outcome atomic.Pointer[outcome]
	model   *modelShutdown // nil: a Close
}

// outcome is there when the call has returned.
type outcome struct{ err error }

func fuzzPool(t *testing.T, p *testkit.Program) {
	f := &flat{t: t, model: &model{limit: 1 + p.Choose(4), size: p.Choose(6)}, idle: time.Duration(p.Choose(2)*3) * time.Second}
	f.limit.Store(int64(f.model.limit))
	f.pool = New(f.model.limit, Queue(f.model.size), IdleTimeout(f.idle), OnPanic(func(*braid.PanicError) { f.hooked.Add(1) }))
	for len(*p) > 0 {
		f.step(p)
		synctest.Wait()
		f.check()
	}
	for _, task := range f.tasks {
		task.release()
		f.model.release(task.modelTask)
		synctest.Wait()
	}
	f.shutdown(time.Hour)
	f.advance(2 * time.Hour)
	f.check()
	require.NoError(t, f.pool.Close())
	require.True(t, f.model.done())
}

func (f *flat) step(p *testkit.Program) {
	f.model.moved = f.model.now
	switch op := p.Choose(20); {
	case op < 10:
		f.submit(op, kind(p.Choose(int(kinds))), p.Choose(4) > 0)
	case op < 13 && len(f.tasks) > 0:
		task := f.tasks[p.Choose(len(f.tasks))]
		task.release()
		f.model.release(task.modelTask)
	case op < 15 && len(f.tasks) > 0:
		if task := f.tasks[p.Choose(len(f.tasks))]; task.cancel != nil {
			task.cancel(errCancel)
			f.model.cancel(task.modelTask)
		}
	case op == 15:
		limit := 1 + p.Choose(5)
		f.limit.Store(int64(limit))
		f.pool.Resize(limit)
		f.model.resize(limit)
	case op < 18:
		f.advance(time.Duration(1+p.Choose(4)) * time.Second)
	case op == 18 && p.Choose(4) == 0:
		f.shutdown(time.Duration(p.Choose(4))*time.Second + time.Second/2)
	case op == 19 && p.Choose(8) == 0:
		f.model.drop()
		f.close(&flatClose{}, f.pool.Close)
	}
}

func (f *flat) advance(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
	f.model.advance(d)
}

func (f *flat) shutdown(timeout time.Duration) {
	timeout += time.Duration(len(f.closes)) * time.Millisecond // no two deadlines at once
	f.close(&flatClose{model: f.model.shutdown(timeout)}, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		return f.pool.Shutdown(ctx)
	})
}

func (f *flat) close(call *flatClose, returned func() error) {
	f.closes = append(f.closes, call)
	go func() {
		call.outcome.Store(&outcome{returned()})
	}()
}

// submit gives the pool a task in one of several ways, from a goroutine of its
// own wherever that may block.
func (f *flat) submit(way int, k kind, cancellable bool) {
	task := &flatTask{modelTask: &modelTask{kind: k}, flat: f, ctx: context.Background(), freed: make(chan struct{})}
	task.release = sync.OnceFunc(func() { close(task.freed) })
	if cancellable {
		task.ctx, task.cancel = context.WithCancelCause(task.ctx)
		f.t.Cleanup(func() { task.cancel(nil) })
	}
	f.tasks = append(f.tasks, task)
	number, try := len(f.tasks), way >= 8
	plain := func(ctx context.Context) { task.run(ctx) }
	result := func(ctx context.Context) (int, error) { return number, task.run(ctx) }
	task.modelTask.future, task.waited = way >= 3 && !try, way >= 5 && !try
	switch {
	case try:
		task.outcome.Store(&outcome{f.pool.TrySubmit(task.ctx, plain)})
	case way < 3:
		go func() { task.outcome.Store(&outcome{f.pool.Submit(task.ctx, plain)}) }()
	default:
		go func() {
			task.future = Go(task.ctx, f.pool, result)
			if !task.waited {
				<-task.future.Done()
			}
			got, err := task.future.Wait(context.Background())
			if err == nil && got != number {
				err = errors.New("a future has another's result")
			}
			task.outcome.Store(&outcome{err})
		}()
	}
	f.model.submit(task.modelTask, try)
}

func (task *flatTask) run(ctx context.Context) error {
	task.begun.Add(1)
	if n := task.flat.active.Add(1); n > task.flat.limit.Load() {
		task.flat.t.Errorf("%d tasks at once on %d workers", n, task.flat.limit.Load())
	}
	defer task.flat.active.Add(-1)
	return task.kind.do(ctx, task.freed)
}

// do does what a task of that kind does.
func (k kind) do(ctx context.Context, released <-chan struct{}) error {
	switch k {
	case blocks:
		<-released
	case obeys:
		select {
		case <-released:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	case sleeps:
		time.Sleep(2 * time.Second)
	case panics:
		panic(errTask)
	case exits:
		runtime.Goexit()
	case fails:
		return errTask
	}
	return nil
}

func (f *flat) check() {
	t, m := f.t, f.model
	got := f.pool.Stats()
	want := m.snapshot()
	want.Workers, want.Idle = got.Workers, got.Idle
	require.Equal(t, want, got)
	require.Equal(t, got.Accepted, got.Completed+got.Failed+got.Cancelled+got.Dropped+uint64(got.Queued+got.Running))
	require.Equal(t, len(m.running), got.Workers-got.Idle, "each task has a worker")
	require.LessOrEqual(t, got.Workers, max(m.limit, len(m.running)))
	if m.closed || f.idle > 0 && m.now-m.moved > f.idle {
		require.Zero(t, got.Idle, "no worker stays for nothing")
	}
	var panicked int64
	for i, task := range f.tasks {
		who := fmt.Sprintf("task %d: %+v", i, *task.modelTask)
		require.EqualValues(t, task.modelTask.begun, task.begun.Load(), who)
		if task.kind == panics {
			panicked += task.begun.Load()
		}
		over, err := task.state != outside, error(nil)
		if task.modelTask.future {
			over = over && task.state != queued && task.state != running
		}
		if over && (task.modelTask.future || task.state == rejected) {
			err = task.modelTask.err
		}
		requireOutcome(t, task.outcome.Load(), over, err, who)
	}
	require.Equal(t, panicked, f.hooked.Load(), "the hook sees every panic")
	for _, call := range f.closes {
		if call.model == nil {
			requireOutcome(t, call.outcome.Load(), m.done(), nil, "Close")
			continue
		}
		s, got := call.model, call.outcome.Load()
		require.Equal(t, s.over, got != nil, "Shutdown")
		if got == nil {
			continue
		}
		var overrun *ShutdownError
		if errors.As(got.err, &overrun) {
			require.ErrorIs(t, overrun, context.DeadlineExceeded)
			require.Equal(t, s.dropped, overrun.Dropped)
			require.GreaterOrEqual(t, overrun.Running, s.certainly)
			require.LessOrEqual(t, overrun.Running, s.atMost)
		} else {
			require.NoError(t, got.err)
			require.Zero(t, s.dropped+s.certainly)
		}
	}
}

func requireOutcome(t *testing.T, got *outcome, over bool, err error, who string) {
	require.Equal(t, over, got != nil, who)
	if over {
		require.ErrorIs(t, got.err, err, who)
	}
}

// ---- Tasks that use their own pool -------------------------------------------

// FuzzNesting gives a pool trees of tasks that submit and await their children.
// What happens depends on the scheduler, so there is no exact model, but there
// are laws: see (*nest).check and (*nest).finish.
func FuzzNesting(f *testing.F) { testkit.Fuzz(f, fuzzNesting) }

type nest struct {
	t        *testing.T
	pool     *Pool
	limit    int // the largest there has been
	attempts atomic.Int64
	begun    atomic.Int64
	ended    atomic.Int64
	active   atomic.Int64 // begun, not ended, and not waiting for a child
	gate     chan struct{}
	nodes    []*node
	calls    sync.WaitGroup
	closing  bool
}

// node is a task with the tasks that it has its pool run before its own work.
type node struct {
	nest     *nest
	kind     kind
	way      int // in which it has them run
	children []*node
	gate     <-chan struct{}
	begun    atomic.Int64
	ended    atomic.Bool
	awaits   atomic.Pointer[[]*node] // what it waits for now
}

func fuzzNesting(t *testing.T, p *testkit.Program) {
	n := &nest{t: t, limit: 1 + p.Choose(4), gate: make(chan struct{})}
	n.pool = New(n.limit, Queue(p.Choose(4)), IdleTimeout(time.Duration(p.Choose(2))*time.Second), OnPanic(func(*braid.PanicError) {}))
	var cancels []context.CancelCauseFunc
	for len(*p) > 0 {
		switch op := p.Choose(16); {
		case op < 9:
			ctx := context.Background()
			if p.Choose(2) == 0 {
				var cancel context.CancelCauseFunc
				ctx, cancel = context.WithCancelCause(ctx)
				cancels = append(cancels, cancel)
			}
			root := &node{nest: n, kind: returns, way: p.Choose(ways), children: []*node{n.tree(p, 3)}}
			n.calls.Go(func() { root.runChildren(ctx) })
		case op == 9 && len(cancels) > 0:
			cancels[p.Choose(len(cancels))](errCancel)
		case op == 10:
			close(n.gate)
			n.gate = make(chan struct{})
		case op == 11:
			limit := 1 + p.Choose(4)
			n.limit = max(n.limit, limit)
			n.pool.Resize(limit)
		case op < 14:
			time.Sleep(time.Duration(1+p.Choose(3)) * time.Second)
		case op == 14 && p.Choose(6) == 0:
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(p.Choose(4))*time.Second)
			n.closing = true
			n.calls.Go(func() { n.pool.Shutdown(ctx); cancel() })
		case op == 15 && p.Choose(6) == 0:
			n.closing = true
			n.calls.Go(func() { n.pool.Close() })
		}
		synctest.Wait()
		n.check()
	}
	close(n.gate)
	n.finish()
	for _, cancel := range cancels {
		cancel(nil)
	}
}

func (n *nest) tree(p *testkit.Program, depth int) *node {
	root := &node{nest: n, kind: kind(p.Choose(int(kinds))), way: p.Choose(ways), gate: n.gate}
	n.nodes = append(n.nodes, root)
	if depth > 1 {
		for range p.Choose(4) {
			root.children = append(root.children, n.tree(p, depth-1))
		}
	}
	return root
}

func (c *node) run(ctx context.Context) error {
	n := c.nest
	c.begun.Add(1)
	n.begun.Add(1)
	if active := n.active.Add(1); active > int64(n.limit) {
		n.t.Errorf("%d tasks at once on %d workers", active, n.limit)
	}
	defer func() {
		n.active.Add(-1)
		n.ended.Add(1)
		c.ended.Store(true)
	}()
	c.runChildren(ctx)
	return c.kind.do(ctx, c.gate)
}

const ways = 8

// runChildren is also what the fuzzer's own goroutines do, with a node that is
// not itself in the pool.
func (c *node) runChildren(ctx context.Context) {
	n := c.nest
	if c.way != 7 {
		n.attempts.Add(int64(len(c.children)))
	}
	switch c.way {
	case 0: // Submit one after the other
		for _, child := range c.children {
			c.await([]*node{child}, func() { n.pool.Submit(ctx, child.plain) })
		}
	case 1:
		for _, child := range c.children {
			n.pool.TrySubmit(ctx, child.plain)
		}
	case 2: // Go and then Wait, one after the other
		for _, child := range c.children {
			c.await([]*node{child}, func() {
				Go(ctx, n.pool, child.result).Wait(context.WithoutCancel(ctx)) // still inside
			})
		}
	case 3: // Go for all, and then Wait in the opposite order
		var futures []*Future[*node]
		for _, child := range c.children {
			c.await([]*node{child}, func() { futures = append(futures, Go(ctx, n.pool, child.result)) })
		}
		for i := range futures {
			last := len(futures) - 1 - i
			c.await([]*node{c.children[last]}, func() {
				if got, err := futures[last].Wait(context.WithoutCancel(ctx)); err == nil && got != c.children[last] {
					n.t.Error("a future has another's result")
				}
			})
		}
	case 7: // a group whose tasks add the next one to it
		g := n.pool.Group(ctx)
		var add func(children []*node)
		add = func(children []*node) {
			if len(children) == 0 {
				return
			}
			n.attempts.Add(1)
			g.TryGo(func(ctx context.Context) error {
				add(children[1:])
				return children[0].run(ctx)
			})
		}
		add(c.children)
		c.await(c.children, func() { g.Wait() })
	default: // a group: Go, TryGo, KeepGoing
		g := n.pool.Group(ctx)
		if c.way == 6 {
			g.KeepGoing()
		}
		for _, child := range c.children {
			if c.way == 5 {
				g.TryGo(child.run)
			} else {
				c.await([]*node{child}, func() { g.Go(child.run) })
			}
		}
		c.await(c.children, func() { g.Wait() })
	}
}

func (c *node) plain(ctx context.Context)                 { c.run(ctx) }
func (c *node) result(ctx context.Context) (*node, error) { return c, c.run(ctx) }

// await does what may wait for the nodes.
func (c *node) await(nodes []*node, wait func()) {
	if c.begun.Load() > 0 {
		c.nest.active.Add(-1)
		defer c.nest.active.Add(1)
	}
	c.awaits.Store(&nodes)
	wait()
	c.awaits.Store(nil)
}

// running reports whether the node has begun and not ended.
func (c *node) running() bool { return c.begun.Load() > 0 && !c.ended.Load() }

// check is called when nothing moves.
func (n *nest) check() {
	t, s := n.t, n.pool.Stats()
	begun, ended := n.begun.Load(), n.ended.Load()
	require.EqualValues(t, begun-ended, s.Running)
	require.EqualValues(t, ended, s.Completed+s.Failed)
	require.EqualValues(t, s.Accepted, uint64(begun)+s.Cancelled+s.Dropped+uint64(s.Queued))
	if s.Queued > 0 {
		require.Zero(t, s.Idle, "a worker is idle while tasks wait")
		require.GreaterOrEqual(t, s.Workers, s.Limit, "a worker could be started while tasks wait")
	}
	if n.closing {
		require.Zero(t, s.Idle)
	}
	for _, c := range n.nodes {
		require.LessOrEqual(t, c.begun.Load(), int64(1), "a task runs once")
		if awaited := c.awaits.Load(); awaited != nil {
			require.True(t, slices.ContainsFunc(*awaited, (*node).running), "a task waits, and nothing runs in its place")
		}
	}
}

// finish wants everything to end now that nothing is held back.
func (n *nest) finish() {
	ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour)
	defer cancel()
	if n.closing {
		n.pool.Close()
	}
	n.calls.Wait() // all are accepted or refused, and what they wait for has ended
	require.NoError(n.t, n.pool.Shutdown(ctx))
	n.check()
	s := n.pool.Stats()
	require.Zero(n.t, s.Workers+s.Queued+s.Running)
	require.EqualValues(n.t, n.attempts.Load(), s.Accepted+s.Rejected, "every task is accepted or refused, once")
}

// ---- A Stateful whose states fail --------------------------------------------

// FuzzStateful opens and closes states by a pattern of failures and delays, and
// has tasks use them that the scheduler mixes, so that it checks laws only.
func FuzzStateful(f *testing.F) { testkit.Fuzz(f, fuzzStateful) }

type owners struct {
	t              *testing.T
	pool           *Stateful[*owned]
	opens, shuts   []kind // repeated for ever
	opened, closed atomic.Int64
	opening        atomic.Int64
	closing        atomic.Int64
	closeFailed    atomic.Bool
	attempts       atomic.Int64
	begun          atomic.Int64
	ended          atomic.Int64
	pending        atomic.Int64 // calls that have not returned
	inside         atomic.Int64 // of a task, whose own task has not begun
	busy           atomic.Int64 // opens and closes that are under way
	gate           chan struct{}
}

type owned struct {
	inUse  atomic.Bool
	closed atomic.Bool
	broken bool // its last task panicked or called runtime.Goexit
}

func (o *owners) open(ctx context.Context) (*owned, error) {
	o.busy.Add(1)
	defer o.busy.Add(-1)
	how := o.opens[int(o.opening.Add(1))%len(o.opens)]
	if err := how.do(ctx, nil); err != nil {
		return nil, err
	}
	o.opened.Add(1)
	return new(owned), nil
}

func (o *owners) close(s *owned) error {
	if s.inUse.Load() || s.closed.Swap(true) {
		o.t.Error("a state is closed twice, or while a task uses it")
	}
	o.closed.Add(1)
	o.busy.Add(1)
	defer o.busy.Add(-1)
	how := o.shuts[int(o.closing.Add(1))%len(o.shuts)]
	o.closeFailed.CompareAndSwap(false, how.err() != nil)
	return how.do(context.Background(), nil)
}

func fuzzStateful(t *testing.T, p *testkit.Program) {
	o := &owners{t: t, gate: make(chan struct{})}
	for range 1 + p.Choose(4) {
		o.opens = append(o.opens, []kind{returns, returns, sleeps, fails, panics, exits}[p.Choose(6)])
		o.shuts = append(o.shuts, []kind{returns, returns, sleeps, fails, panics, exits}[p.Choose(6)])
	}
	o.pool = NewStateful(1+p.Choose(4), o.open, o.close, Queue(p.Choose(4)),
		IdleTimeout(time.Duration(p.Choose(2))*time.Second), OnPanic(func(*braid.PanicError) {}))
	var calls sync.WaitGroup
	over := false
	ctx, cancel := context.WithCancelCause(context.Background())
	for len(*p) > 0 {
		switch op := p.Choose(16); {
		case op < 6:
			ctx, k, nested, gate := ctx, kind(p.Choose(int(kinds))), p.Choose(3), o.gate
			calls.Go(func() { o.do(ctx, k, nested, gate, false) })
		case op < 9:
			ctx, k, n, gate, try := ctx, kind(p.Choose(int(kinds))), p.Choose(5), o.gate, p.Choose(2) == 0
			calls.Go(func() { o.group(ctx, k, n, gate, try) })
		case op == 9:
			cancel(errCancel)
			ctx, cancel = context.WithCancelCause(context.Background())
		case op == 10:
			close(o.gate)
			o.gate = make(chan struct{})
		case op == 11:
			o.pool.Resize(1 + p.Choose(4))
		case op < 14:
			time.Sleep(time.Duration(1+p.Choose(3)) * time.Second)
		case p.Choose(8) == 0:
			over = true
			short, cancel := context.WithTimeout(t.Context(), time.Duration(p.Choose(4))*time.Second)
			calls.Go(func() { o.pool.Shutdown(short); cancel() })
		}
		synctest.Wait()
		o.check(over)
	}
	close(o.gate)
	calls.Wait()
	err := o.pool.Shutdown(context.Background())
	require.Equal(t, o.closeFailed.Load(), err != nil, "%v", err)
	require.Equal(t, o.opened.Load(), o.closed.Load())
	o.check(true)
	s := o.pool.Stats()
	require.Zero(t, s.Workers+s.Queued+s.Running)
	require.EqualValues(t, o.attempts.Load(), s.Accepted+s.Rejected, "every task is accepted or refused, once")
	cancel(nil)
}

func (o *owners) do(ctx context.Context, k kind, nested int, gate <-chan struct{}, inside bool) {
	o.attempts.Add(1)
	o.pending.Add(1)
	defer o.pending.Add(-1)
	begun, returned, err := false, false, error(nil)
	if inside {
		o.inside.Add(1)
	}
	defer func() {
		if inside && !begun {
			o.inside.Add(-1)
		}
		if !returned {
			err = recover().(*braid.PanicError)
		}
		switch {
		case !begun:
			require.Error(o.t, err)
		case k == obeys && err != nil:
			require.True(o.t, errors.Is(err, errCancel) || errors.Is(err, ErrClosed), "%v", err)
		default:
			require.ErrorIs(o.t, err, k.err())
		}
	}()
	err = o.pool.Do(ctx, func(ctx context.Context, s *owned) error {
		begun = true
		if inside {
			o.inside.Add(-1)
		}
		return o.use(ctx, s, k, nested, gate)
	})
	returned = true
}

func (o *owners) group(ctx context.Context, k kind, n int, gate <-chan struct{}, try bool) {
	o.attempts.Add(int64(n))
	o.pending.Add(1)
	defer o.pending.Add(-1)
	g := o.pool.Group(ctx)
	task := func(ctx context.Context, s *owned) error { return o.use(ctx, s, k, 0, gate) }
	for range n {
		if try {
			g.TryGo(task)
		} else {
			g.Go(task)
		}
	}
	g.Wait()
}

// use is a task, which may have others run, on other workers.
func (o *owners) use(ctx context.Context, s *owned, k kind, nested int, gate <-chan struct{}) error {
	o.begun.Add(1)
	if s.closed.Load() || s.inUse.Swap(true) || s.broken {
		o.t.Error("a state is used after it was closed, by two tasks at once, or after a panic")
	}
	s.broken = k == panics || k == exits
	defer func() {
		s.inUse.Store(false)
		o.ended.Add(1)
	}()
	if nested > 0 {
		o.do(ctx, k, nested-1, gate, true)
		o.group(ctx, returns, nested, gate, false)
	}
	return k.do(ctx, gate)
}

// check is called when nothing moves.
func (o *owners) check(over bool) {
	s := o.pool.Stats()
	require.GreaterOrEqual(o.t, int64(s.Running), o.begun.Load()-o.ended.Load())                // a state that is being replaced counts
	require.GreaterOrEqual(o.t, s.Completed+s.Failed+uint64(s.Running), uint64(o.begun.Load())) // tasks that found no state count
	if s.Queued > 0 || over {
		require.Zero(o.t, s.Idle)
	}
	if o.inside.Load() > 0 {
		require.NotZero(o.t, o.busy.Load(), "a task waits for a worker, perhaps its own")
	}
	if s.Workers == 0 {
		require.Zero(o.t, o.pending.Load(), "calls wait, and no worker will come")
	}
}

// ---- The queue ---------------------------------------------------------------

// FuzzQueue has real goroutines push and pop, and bars the queue in the middle.
func FuzzQueue(f *testing.F) {
	for _, size := range []uint8{0, 1, 2, 3, 9} {
		f.Add(size, uint8(3), uint8(2), uint16(500), uint16(40))
		f.Add(size, uint8(1), uint8(3), uint16(300), uint16(400))
	}
	f.Fuzz(func(t *testing.T, size, producers, consumers uint8, each, patience uint16) {
		q := newQueue(int(size % 10))
		fillAndEmpty(t, q)
		var pushed, popped atomic.Int64
		var barred atomic.Bool
		var pushers, poppers sync.WaitGroup
		for producer := range int(producers%4) + 1 {
			pushers.Go(func() {
				for number := 0; number < int(each%1000) && !barred.Load(); {
					if q.push(&numbered{producer: producer, number: number}, false) {
						pushed.Add(1)
						number++
					} else {
						runtime.Gosched()
					}
				}
				if barred.Load() && q.push(&numbered{}, false) {
					t.Error("a push succeeded after the bar")
				}
			})
		}
		var over atomic.Bool
		for range int(consumers%4) + 1 {
			poppers.Go(func() {
				last := map[int]int{}
				for {
					end := over.Load() // before a look that finds nothing
					if length := int64(q.pushed()) - int64(q.popped()); length > int64(q.limit) {
						t.Errorf("%d tasks where %d may wait", length, q.limit)
					}
					got, ok := q.pop()
					if ok {
						item := got.(*numbered)
						if previous, known := last[item.producer]; known && item.number <= previous || item.popped.Swap(true) {
							t.Error("reordered or doubled")
						}
						last[item.producer] = item.number
						popped.Add(1)
					} else if end {
						return
					} else {
						runtime.Gosched()
					}
				}
			})
		}
		for range patience % 1000 {
			runtime.Gosched()
		}
		q.bar()
		atBar := q.pushed()
		barred.Store(true)
		pushers.Wait()
		over.Store(true)
		poppers.Wait()
		require.Equal(t, pushed.Load(), popped.Load(), "nothing is lost")
		require.Equal(t, atBar, q.pushed())
		require.True(t, q.empty())
		q.unbar()
		fillAndEmpty(t, q)
	})
}

// numbered is a task that is never run.
type numbered struct {
	task
	producer, number int
	popped           atomic.Bool
}

// fillAndEmpty wants an empty queue to hold as many as its limit, in order.
func fillAndEmpty(t *testing.T, q *queue) {
	pop := func(number int) {
		got, ok := q.pop()
		require.True(t, ok)
		require.Equal(t, number, got.(*numbered).number)
	}
	for i := range q.limit {
		require.True(t, q.room())
		require.True(t, q.push(&numbered{number: i}, false))
	}
	require.False(t, q.room() || q.push(nil, false) || q.push(nil, true), "it is full")
	q.bar()
	for i := range q.limit { // one lap of the ring
		pop(i)
		require.True(t, q.room())
		require.False(t, q.push(nil, false), "it is barred")
		require.True(t, q.push(&numbered{number: q.limit + i}, true), "but not to the holder of the lock")
	}
	q.unbar()
	for i := range q.limit {
		pop(q.limit + i)
	}
	_, ok := q.pop()
	require.False(t, ok || !q.empty())
}
