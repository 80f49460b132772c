package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/testkit"
	. "github.com/braidgo/braid/pipeline"
)

// long is more than all that callbacks may sleep.
const long = 1000 * time.Hour

// FuzzStreams builds a pipeline as the program says, and beside it its model: what a
// plain loop makes of the same items, stage by stage. Then it runs the pipeline, once
// or twice, into some sink, and compares.
func FuzzStreams(f *testing.F) { testkit.Fuzz(f, fuzzStreams) }

func fuzzStreams(t *testing.T, p *testkit.Program) {
	b := &builder{Program: p, t: t, once: p.Choose(3) > 0, endless: p.Choose(4) == 0}
	l, report := b.line(p.Choose(7)), new(Report)
	if b.once && p.Choose(2) == 0 {
		l.stream = Observe(l.stream, report)
	}
	sink := b.sink(l)
	t.Log(l.text, l.end, len(l.items), l.sinks)
	deadline := long
	if p.Choose(8) == 0 {
		deadline = time.Duration(p.Choose(64))*time.Second + time.Second/2
	}
	newRun := func() *run {
		return &run{t: t, line: l, over: make(chan struct{}), begun: map[call]bool{}, active: map[*stage]int{}, tried: map[call]bool{}, lanes: map[call]int{},
			failed: map[*stage]failure{}, delivered: map[int]bool{}}
	}
	if b.once {
		b.only = newRun()
		go b.only.run(b.endless, deadline, sink)
		b.only.watch(report)
		b.only.check(report)
		return
	}
	first, second := newRun(), newRun()
	go first.run(b.endless, deadline, sink)
	if p.Choose(2) == 0 {
		<-first.over
	}
	second.run(b.endless, deadline, sink)
	<-first.over
	first.check(report)
	second.check(report)
}

// ---- What callbacks do -------------------------------------------------------

type kind int

const (
	willReturn kind = iota
	willSleep
	willObey // its context, or sleeps
	willSkip
	willFalter // fails when it is tried for the first time
	willCancel // the caller's context
	willFail
	willPanic
	willExit
	willHang  // a source, which has nothing more to give, and waits for its context
	willLeave // a sink
)

// stage is a stage, and what its callback does with an item: always the same.
type stage struct {
	name                     string
	step                     int // what it adds to an item
	workers                  int // callbacks at once; 0: it has none of its own
	fused                    bool
	inOrder                  bool // it gets its items in order
	unordered                bool
	keys                     int
	group                    func(origin int) int // see line
	retried, parked, skipped bool
	salt, sleepy, faulty     int // one in so many items; 0: none
	fault                    kind

	apart    bool     // not on the caller's goroutine
	behind   []*stage // those that get its items
	takes    bool     // it ends those before it, though nothing has failed
	in, out  int      // of the model
	followed bool     // by the model
}

var errCancel = errors.New("the program cancels")

// fault is the error that a callback returns, or the value that it panics with.
type fault struct {
	kind  kind
	stage *stage
	item  int
}

func (f fault) Error() string { return fmt.Sprint(f.stage.name, " fails on ", f.item) }

func (s *stage) random(x int) uint64 {
	h := (uint64(x)<<8 + uint64(s.salt)) * 0x9E3779B97F4A7C15
	return h ^ h>>32
}

func (s *stage) does(x int) kind {
	h := s.random(x)
	switch {
	case s.faulty > 0 && h%uint64(s.faulty) == 0:
		if s.fault == willFail && s.parked {
			return willSkip
		}
		if s.fault == willFail && s.retried && h>>20%2 == 0 {
			return willFalter
		}
		return s.fault
	case s.skipped && h>>8%4 == 0:
		return willSkip
	case s.sleepy > 0 && h>>12%uint64(s.sleepy) == 0:
		return willSleep + kind(h>>20%2)
	}
	return willReturn
}

func (s *stage) pause(x int) time.Duration { return time.Duration(1+s.random(x)>>24%4) * time.Second }

func (s *stage) do(ctx context.Context, r *run, x int) error {
	is := fault{s.does(x), s, x}
	if is.kind >= willFalter && s.random(x)>>36%2 == 0 {
		time.Sleep(s.pause(x)) // so that those behind it may fail before
	}
	switch is.kind {
	case willSleep:
		time.Sleep(s.pause(x))
	case willObey:
		select {
		case <-time.After(s.pause(x)):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	case willSkip:
		if !s.parked {
			return SkipItem
		}
		return is
	case willCancel:
		r.endAll(true)
	case willFalter:
		if r.first(s, x) {
			return is
		}
	case willFail:
		return is
	case willPanic:
		r.happens(s, is)
		panic(is)
	case willExit:
		r.happens(s, is)
		runtime.Goexit()
	}
	return nil
}

// ---- A run -------------------------------------------------------------------

// run is one run of a pipeline, and all that has happened in it.
type run struct {
	t      *testing.T
	line   *line
	ctx    context.Context
	cancel context.CancelCauseFunc
	over   chan struct{} // closed when the sink has returned

	mu          sync.Mutex
	returned    bool
	begun       map[call]bool
	active      map[*stage]int
	tried       map[call]bool
	lanes       map[call]int // by key: the item that runs; and by group and key, less than 0: the last that has
	happened    []fault
	failed      map[*stage]failure
	cancelledAt time.Time
	pulled      int // items of sources
	delivered   map[int]bool
	received    [3][]int // by the sink or, with Tee, the sinks

	err       error
	panicked  any
	exited    bool
	cancelled bool // before anything hangs for long
}

type failure struct {
	at   time.Time
	item int
}

// call is a call of a callback.
type call struct {
	stage *stage
	item  int
}

type runKey struct{}

func (b *builder) runOf(ctx context.Context) *run {
	if r, ok := ctx.Value(runKey{}).(*run); ok {
		return r
	}
	return b.only // some callbacks have no context
}

// run is for a goroutine of its own, for it may be ended.
func (r *run) run(endless bool, deadline time.Duration, sink func(context.Context, *run) error) {
	r.ctx, r.cancel = context.Background(), func(error) {}
	if !endless {
		r.ctx, r.cancel = context.WithCancelCause(r.ctx)
		defer time.AfterFunc(deadline, func() { r.endAll(deadline < long) }).Stop()
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		returned := false
		defer func() {
			r.panicked = recover()
			r.exited = !returned && r.panicked == nil
			r.mu.Lock()
			defer r.mu.Unlock()
			r.returned = true
			for s, n := range r.active {
				require.Zero(r.t, n, "%s runs after the sink has returned", s.name)
			}
		}()
		r.err = sink(context.WithValue(r.ctx, runKey{}, r), r)
		returned = true
	}()
	<-ended
	close(r.over)
}

// begin is called first thing in a callback.
func (r *run) begin(s *stage, x int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	require.False(r.t, r.returned, "%s begins after the sink has returned", s.name)
	require.False(r.t, r.begun[call{s, x}], "%s gets %d twice", s.name, x)
	r.begun[call{s, x}] = true
	r.active[s]++
	require.LessOrEqual(r.t, r.active[s], max(1, s.workers), s.name)
	if by, ended := r.ended(s); !s.fused { // an item that is on its way through fused stages may go on
		require.False(r.t, ended, "%s begins %d, after %s", s.name, x, by)
	}
	if first, ok := r.failed[s]; ok && s.inOrder && first.at.Before(time.Now()) {
		require.Less(r.t, x, first.item, "%s begins what is behind a failure", s.name)
	}
	if s.keys > 0 {
		key := origin(x) % s.keys
		require.Zero(r.t, r.lanes[call{s, key}], "%s runs two of a key", s.name)
		r.lanes[call{s, key}] = x
		if s.group != nil {
			lane := call{s, -1 - key - 8*s.group(origin(x))}
			require.Less(r.t, r.lanes[lane], x, "%s: the order of a key", s.name)
			r.lanes[lane] = x
		}
	}
}

// ended reports whether a stage has been ended some time ago, and says by what.
func (r *run) ended(s *stage) (by string, ended bool) {
	now := time.Now()
	for failed, first := range r.failed {
		if first.at.Before(now) && (slices.Contains(s.behind, failed) || failed.unordered && !r.left(failed, first.at)) {
			return failed.name, true
		}
	}
	return "the cancel", !r.cancelledAt.IsZero() && r.cancelledAt.Before(now)
}

// left reports whether nobody may have wanted anything of a stage any more at a time.
func (r *run) left(s *stage, at time.Time) bool {
	return slices.ContainsFunc(s.behind, func(after *stage) bool {
		failed, ok := r.failed[after]
		return after.takes || ok && !failed.at.After(at)
	})
}

func (r *run) end(s *stage, x int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.active[s]--
	if s.keys > 0 {
		r.lanes[call{s, origin(x) % s.keys}] = 0
	}
}

func (r *run) happens(s *stage, is fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.happened = append(r.happened, is)
	first, ok := r.failed[s]
	if !ok {
		first = failure{time.Now(), is.item}
	}
	first.item = min(first.item, is.item)
	r.failed[s] = first
}

// end ends the caller's context.
func (r *run) endAll(cancelled bool) {
	r.mu.Lock()
	if r.cancelledAt.IsZero() {
		r.cancelledAt = time.Now()
	}
	r.cancelled = r.cancelled || cancelled
	r.mu.Unlock()
	r.cancel(errCancel)
}

// first reports whether an item has not been tried before.
func (r *run) first(s *stage, x int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { r.tried[call{s, x}] = true }()
	return !r.tried[call{s, x}]
}

func (r *run) pull() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pulled++
	if !r.line.drops {
		require.LessOrEqual(r.t, r.pulled-len(r.delivered), r.line.ahead, "items ahead of the sink")
	}
}

func (r *run) receive(sink, x int) (received int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delivered[origin(x)] = true
	r.received[sink] = append(r.received[sink], x)
	return len(r.received[sink])
}

// watch has a look whenever nothing moves: a worker that has nothing to do while items
// wait for one will never be woken.
func (r *run) watch(report *Report) {
	for range 60 {
		time.Sleep(time.Second / 2)
		synctest.Wait()
		select {
		case <-r.over:
			return
		default:
		}
		r.mu.Lock()
		for _, stats := range report.Stages() {
			s := r.line.named(stats.Name)
			if s != nil && s.workers > 1 && s.keys == 0 && stats.Waiting > 0 && len(r.happened) == 0 && r.cancelledAt.IsZero() && !r.line.leaves {
				require.Equal(r.t, s.workers, r.active[s], "%d items wait for a worker of %s", stats.Waiting, s.name)
			}
		}
		r.mu.Unlock()
	}
	<-r.over
}

// check compares what has come of a run with what had to come of it.
func (r *run) check(report *Report) {
	l, t := r.line, r.t
	is := ending{}
	switch failed := (*StageError)(nil); {
	case r.exited:
		is.kind = willExit
	case r.panicked != nil:
		is = ending{kind: willPanic, cause: r.panicked}
		if panicked, ok := r.panicked.(*braid.PanicError); ok {
			is.cause = panicked.Value
		}
	case errors.As(r.err, &failed):
		is = ending{willFail, failed.Stage, int(failed.Index), failed.Err}
	case r.err != nil:
		require.Equal(t, errCancel, r.err)
		require.Error(t, r.ctx.Err())
		is.kind = willCancel
	}

	// It is of something that has happened, and nothing that has happened is lost.
	happened := func(that func(fault) bool) bool { return slices.ContainsFunc(r.happened, that) }
	switch is.kind {
	case willExit:
		require.True(t, happened(func(f fault) bool { return f.kind == willExit && !f.stage.apart }))
	case willPanic:
		require.Contains(t, r.happened, is.cause)
	case willFail:
		require.True(t, happened(func(f fault) bool {
			return f.stage.name == is.stage && (f == is.cause || f.kind == willExit && is.cause == braid.ErrGoexit)
		}), "%v, but what has happened is %v", r.err, r.happened)
	default:
		require.False(t, happened(func(f fault) bool { return f.kind == willPanic }), "a panic is lost: %v", r.happened)
		require.True(t, is.kind == willCancel || l.leaves || len(r.happened) == 0, "an error is lost: %v", r.happened)
	}

	// It is what the loop ends with. Only what panics ahead of it is raised as well,
	// unless an error has come before it.
	exact := l.ordered && !r.cancelled && !happened(func(f fault) bool { return f.stage.name == "Tee" })
	want := l.end
	switch {
	case want.kind == willExit && want.cause.(fault).stage.apart:
		want.kind, want.cause = willFail, braid.ErrGoexit
	case want.kind == willPanic:
		want.stage, want.index = "", 0
	case want.kind == willExit:
		want = ending{kind: willExit}
	case want.kind == willHang:
		want = ending{kind: willCancel}
	case want.kind == willLeave:
		want = ending{}
	}
	ahead := (want.kind == willReturn || l.left) && is.kind == willPanic || l.mayMiss && (is.kind == willReturn || is.kind == willPanic)
	if exact && !ahead {
		require.True(t, want == is, "%v instead of %v", is, want)
	}
	if exact && is.kind == willReturn && !l.leaves {
		for _, stats := range report.Stages() {
			if s := l.named(stats.Name); s != nil && s.followed {
				require.Equal(t, []uint64{uint64(s.in), uint64(s.out), 0, 0}, []uint64{stats.In, stats.Out, stats.Failed, uint64(stats.Waiting)}, s.name)
			}
		}
	}
	for i, after := range l.sinks {
		if l.blind || l.loses && (is.kind == willPanic || is.kind == willExit) {
			continue
		}
		got, items := r.received[i], l.items
		if after > 0 {
			items = items[:min(len(items), after)]
		}
		switch {
		case exact:
			require.Equal(t, append([]int(nil), items...), got)
		case l.ordered:
			require.Equal(t, append([]int(nil), items[:min(len(items), len(got))]...), got)
		default:
			latest := map[int]int{}
			for _, x := range got {
				require.Contains(t, l.possible, x)
				if l.group != nil {
					require.Less(t, latest[l.group(origin(x))], x, "the order in a group")
					latest[l.group(origin(x))] = x
				}
			}
			all := slices.Compact(slices.Sorted(slices.Values(got)))
			require.Len(t, all, len(got), "some came twice")
			require.True(t, is.kind != willReturn || l.leaves || after > 0 || len(all) == len(l.possible), "some did not come: %v of %v, %v %v %v", len(all), len(l.possible), r.happened, r.err, r.cancelled)
		}
	}
}

// ---- Pipelines and their models ----------------------------------------------

// line is a pipeline, and what a plain loop makes of it. An item is the number of its
// origin, the item of a source, and behind that a digit for each stage it has been
// through: so no two are the same, and each is more than those before it.
type line struct {
	stream   Stream[int]
	stages   []*stage
	items    []int                // what comes
	end      ending               // and what ends it
	ordered  bool                 // as the loop has it; otherwise:
	possible []int                // what comes if nothing fails, in any order,
	group    func(origin int) int // but for those of a group, which are in order; nil: none are

	depth   int
	ahead   int  // how many items of sources may be under way
	drops   bool // some items
	text    string
	leaves  bool  // something may leave those before it
	loses   bool  // what has come, if there is a panic
	blind   bool  // what has come is not seen at all
	sinks   []int // after how many items each leaves; 0: never
	left    bool  // the sink leaves it
	mayMiss bool  // the sinks leave, all, and may or may not see how it ends
}

// ending is what ends a line.
type ending struct {
	kind  kind
	stage string
	index int
	cause any
}

const (
	digits = 8
	most   = 64 // items of a source
)

func origin(x int) int { return x >> (3 * digits) }

func (l *line) named(name string) *stage {
	for _, s := range l.stages {
		if s.name == name {
			return s
		}
	}
	return nil
}

// join puts a stage behind the others.
func (l *line) join(s *stage, queue bool) {
	for _, before := range l.stages {
		before.behind = append(before.behind, s)
		before.apart = before.apart || queue
	}
	s.fused, s.apart, s.inOrder, s.group = !queue, s.workers > 0, l.ordered, l.group
	l.stages = append(l.stages, s)
	l.text += fmt.Sprintf(" -> %s(workers %d, unordered %t, queue %t, fault %d/%d, skip %t, sleepy %d)", s.name, s.workers, s.unordered, queue, s.fault, s.faulty, s.skipped, s.sleepy)
	l.drops = l.drops || s.skipped || s.parked
}

// through is the loop. children are what a stage makes of an item: if it fails on that,
// or skips it, those that it has yielded before.
func (l *line) through(s *stage, children func(x int) (early, all []int)) {
	s.in = len(l.items)
	var out, possible []int
	for i, x := range l.items {
		early, all := children(x)
		is := s.does(x)
		if is == willFail || is == willPanic || is == willExit {
			out, l.end = append(out, early...), ending{is, s.name, i, fault{is, s, x}}
			break
		}
		if is == willSkip {
			all = early
		}
		out = append(out, all...)
	}
	for _, x := range l.possible {
		early, all := children(x)
		if s.does(x) == willSkip {
			all = early
		}
		possible = append(possible, all...)
	}
	l.items, l.possible, s.out, s.followed = out, possible, len(out), true
	if s.unordered {
		l.ordered = false
		if group := l.group; s.keys > 0 && group != nil {
			l.group = func(origin int) int { return group(origin)*8 + origin%s.keys }
		} else {
			l.group = nil
		}
	}
}

type builder struct {
	*testkit.Program
	t               *testing.T
	once            bool // it is run only once
	endless         bool // the caller's context has no end
	only            *run
	stages, sources int
}

// stage makes a stage, which may fail in some ways.
func (b *builder) stage(what string, faults ...kind) *stage {
	b.stages++
	s := &stage{name: fmt.Sprint(what, b.stages), salt: b.Choose(256), sleepy: b.Choose(4)}
	if len(faults) > 0 {
		s.faulty = []int{0, 0, 0, 0, 0, 3, 17, 61}[b.Choose(8)]
		if s.fault = faults[b.Choose(len(faults))]; s.fault == willCancel && b.endless {
			s.faulty = 0
		}
		s.skipped = b.Choose(6) == 0
	}
	return s
}

// options chooses the options of a stage, and puts it behind the others.
func (b *builder) options(l *line, s *stage, size int) []Option {
	opts, buffer := []Option{Name(s.name)}, b.Choose(10)
	s.workers = b.Choose(6)
	if buffer < 6 {
		opts = append(opts, Buffer(buffer))
	} else if buffer = 0; s.workers > 0 {
		buffer = 64
	}
	if s.workers > 0 {
		opts = append(opts, Workers(s.workers))
		if b.Choose(3) == 0 {
			s.unordered = true
			opts = append(opts, Unordered())
		}
	}
	l.ahead += size * (1 + buffer + s.workers)
	if s.workers == 1 || s.unordered { // results may wait as well
		l.ahead += size * (1 + buffer)
	}
	l.join(s, len(opts) > 1)
	return opts
}

// callback is what all callbacks are made of.
func (b *builder) callback(s *stage, f func(context.Context, int) error) func(context.Context, int) error {
	if s.retried {
		f = one(Retry(none(f), Backoff{Attempts: 2, Base: time.Second}))
	}
	if s.parked {
		f = one(DeadLetter(none(f), func(_ context.Context, x int, err error) error {
			require.Equal(b.t, fault{willSkip, s, x}, err)
			return nil
		}))
	}
	return func(ctx context.Context, x int) error {
		r := b.runOf(ctx)
		r.begin(s, x)
		defer r.end(s, x)
		err := f(ctx, x)
		if is, ok := err.(fault); ok {
			r.happens(s, is)
		}
		return err
	}
}

func none(f func(context.Context, int) error) func(context.Context, int) (struct{}, error) {
	return func(ctx context.Context, x int) (struct{}, error) { return struct{}{}, f(ctx, x) }
}

func one(f func(context.Context, int) (struct{}, error)) func(context.Context, int) error {
	return func(ctx context.Context, x int) error { _, err := f(ctx, x); return err }
}

// doing is the callback of a stage that makes one item of each.
func (b *builder) doing(s *stage) func(context.Context, int) error {
	return b.callback(s, func(ctx context.Context, x int) error { return s.do(ctx, b.runOf(ctx), x) })
}

// mapping is the same, for a stage that returns what it makes.
func (b *builder) mapping(s *stage) func(context.Context, int) (int, error) {
	do := b.doing(s)
	return func(ctx context.Context, x int) (int, error) { return x + s.step, do(ctx, x) }
}

func (s *stage) child(x int) (early, all []int) { return nil, []int{x + s.step} }

// line makes a source and so many stages behind it.
func (b *builder) line(stages int) *line {
	l := b.source()
	for range stages {
		step := 0
		switch what := b.Choose(12); {
		case what < 8 && l.depth < digits-1:
			step = 1 << (3 * (digits - 1 - l.depth))
			l.depth++
			b.transform(l, what, step)
		case what == 8:
			s := b.stage("Filter", willPanic, willExit, willCancel)
			s.name, s.skipped = "Filter", true
			keep := func(x int) bool { return s.does(x) != willSkip }
			if b.once {
				do := b.doing(s)
				keep = func(x int) bool { return do(context.Background(), x) == nil }
			} else {
				s.faulty = 0
			}
			l.join(s, false)
			l.through(s, s.child)
			s.followed = false // there may be several of that name
			l.stream = Filter(l.stream, keep)
		case what == 9:
			n := b.Choose(40)
			l.stream = Take(l.stream, n)
			l.join(&stage{name: "Take", takes: true}, false)
			l.leaves = true
			if n <= len(l.items) {
				l.items, l.end = l.items[:n], ending{}
			}
		case what == 10:
			b.batch(l)
		case what == 11 && b.sources < 4:
			b.merge(l, stages-1)
		}
	}
	return l
}

func (b *builder) source() *line {
	b.sources++
	what := b.Choose(4)
	if what == 3 && !b.once {
		what = 0
	}
	s := b.stage("Source", [][]kind{{willPanic, willExit, willCancel}, {willFail, willPanic, willExit, willCancel}, {willFail, willPanic, willExit, willCancel}, {willFail}}[what]...)
	s.name = []string{"From", "Generate", "FromSeq2", "From"}[what]
	origins := make([]int, b.Choose(most))
	for i := range origins {
		origins[i] = (b.sources*most + i) << (3 * digits)
	}
	wait := !b.endless && what > 0 && b.Choose(4) == 0
	if what == 0 && !b.once { // it has no context to tell the runs apart
		s.faulty, s.sleepy = 0, 0
	}
	l := &line{items: origins, possible: origins, ordered: true, group: func(int) int { return 0 }, ahead: 2}
	if wait {
		l.end = ending{kind: willHang}
	}
	if what == 3 {
		items := make(chan int, most)
		for _, x := range origins {
			items <- x
		}
		if !wait {
			close(items)
		}
		l.stream = FromChan(items)
		l.drops = true // nobody counts them
		return l
	}
	do := b.doing(s)
	produce := func(ctx context.Context, yield func(int, error) bool) {
		for _, x := range origins {
			r := b.runOf(ctx)
			err := error(nil)
			if r != nil {
				if err = do(ctx, x); err == nil {
					r.pull()
				}
			} else if s.does(x) == willSkip {
				err = SkipItem
			}
			if err == SkipItem {
				continue
			}
			by, ended := "", false
			if r != nil {
				r.mu.Lock()
				by, ended = r.ended(s)
				r.mu.Unlock()
			}
			more := yield(x, err)
			require.False(b.t, more && ended, "%s goes on after %s", s.name, by)
			if !more {
				require.True(b.t, err != nil || !yield(x, nil), "after it has said no")
				return
			}
		}
		if wait {
			<-ctx.Done()
			yield(0, context.Cause(ctx))
		}
	}
	l.join(s, false)
	l.through(s, s.child)
	if l.end.cause != nil { // it fails on what it would yield next
		l.end.index = len(l.items)
	}
	s.in = 0
	switch what {
	case 2:
		l.stream = FromSeq2(func(ctx context.Context) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) { produce(ctx, yield) }
		})
	case 1:
		l.stream = Generate(func(ctx context.Context, yield func(int) bool) (failure error) {
			produce(ctx, func(x int, err error) bool {
				failure = err
				return err == nil && yield(x)
			})
			return failure
		})
	default:
		l.stream = From(func(yield func(int) bool) {
			produce(context.Background(), func(x int, _ error) bool { return yield(x) })
		})
	}
	return l
}

// transform puts a Map, a FlatMap or a MapByKey behind l.
func (b *builder) transform(l *line, what, step int) {
	faults := []kind{willFail, willPanic, willExit, willCancel}
	switch {
	case what < 4 || len(l.possible) > 100:
		s := b.stage("Map", faults...)
		s.step, s.retried, s.parked = step, b.Choose(6) == 0, b.Choose(6) == 0
		opts := b.options(l, s, 1)
		l.stream = Map(l.stream, b.mapping(s), opts...)
		l.through(s, s.child)
	case what < 6:
		s := b.stage("FlatMap", faults...)
		opts := b.options(l, s, 1)
		children := func(x int) (early, all []int) {
			n := 1 + int(s.random(x)>>28%3)
			for i := range n {
				all = append(all, x+(i+1)*step)
			}
			return all[:n/2], all
		}
		do := func(ctx context.Context, x int, yield func(int) bool) error {
			early, all := children(x)
			for _, child := range early {
				if !yield(child) {
					return context.Cause(ctx)
				}
			}
			if err := s.do(ctx, b.runOf(ctx), x); err != nil {
				return err
			}
			for _, child := range all[len(early):] {
				if !yield(child) {
					require.False(b.t, yield(child), "after it has said no")
					return context.Cause(ctx)
				}
			}
			return nil
		}
		l.stream = FlatMap(l.stream, func(ctx context.Context, x int, yield func(int) bool) error {
			return b.callback(s, func(ctx context.Context, x int) error { return do(ctx, x, yield) })(ctx, x)
		}, opts...)
		l.through(s, children)
	default:
		s := b.stage("MapByKey", faults...)
		s.step, s.keys, s.retried = step, 1+b.Choose(5), b.Choose(6) == 0
		opts := b.options(l, s, 1)
		l.stream = MapByKey(l.stream, func(x int) int { return origin(x) % s.keys }, b.mapping(s), opts...)
		l.through(s, s.child)
	}
}

// batch has items go through a stage in slices.
func (b *builder) batch(l *line) {
	size, wait := 1+b.Choose(7), time.Duration(b.Choose(3))*time.Second
	var batches Stream[[]int]
	if wait > 0 && b.Choose(2) == 0 {
		batches = Session(l.stream, size, wait)
	} else {
		batches = Batch(l.stream, size, wait)
	}
	if rest := len(l.items) % size; wait == 0 && l.end.kind == willHang {
		l.items = l.items[:len(l.items)-rest]
	}
	l.ahead += size
	if wait > 0 {
		l.join(&stage{name: "Batch"}, true)
		l.ahead += 64
	}
	s, ordered, items := b.stage("Batches"), l.ordered, l.items
	opts := b.options(l, s, size)
	l.stream = Flatten(Map(batches, func(ctx context.Context, batch []int) ([]int, error) {
		require.True(b.t, 0 < len(batch) && len(batch) <= size)
		if wait == 0 && ordered && len(batch) < size {
			require.Equal(b.t, items[len(items)-1], batch[len(batch)-1], "a slice is passed on that is not full")
		}
		return batch, b.callback(s, func(ctx context.Context, x int) error { return s.do(ctx, b.runOf(ctx), x) })(ctx, batch[0])
	}, opts...))
	if s.unordered {
		l.ordered, l.group = false, nil
	}
}

// merge merges l and others.
func (b *builder) merge(l *line, stages int) {
	merged, streams := &stage{name: "Merge"}, []Stream[int]{l.stream}
	l.join(merged, true)
	l.ahead += 64
	for range b.Choose(3) {
		first := most * (b.sources + 1)
		other := b.line(min(stages, 2))
		other.join(merged, true)
		merged.takes = true // when one of them has failed, it ends the others
		streams = append(streams, other.stream)
		one, two := l.group, other.group
		if l.group = nil; one != nil && two != nil {
			l.group = func(origin int) int {
				if origin >= first {
					return 2*two(origin) + 1
				}
				return 2 * one(origin)
			}
		}
		l.ordered, l.possible, l.stages = false, append(slices.Clip(l.possible), other.possible...), append(l.stages, other.stages...)
		l.ahead, l.depth = l.ahead+other.ahead, max(l.depth, other.depth)
		l.drops, l.leaves = l.drops || other.drops, l.leaves || other.leaves
	}
	l.stream = Merge(streams...)
}

// ---- Sinks -------------------------------------------------------------------

func (b *builder) sink(l *line) func(context.Context, *run) error {
	l.sinks = []int{0}
	switch b.Choose(8) {
	case 0, 1:
		how, s := []kind{willLeave, willLeave, willPanic, willExit}[b.Choose(4)], b.stage("the loop")
		l.join(s, false)
		n := b.Choose(30)
		if n > 0 {
			l.leaves = true
			if n <= len(l.items) {
				l.left, l.items, l.end = true, l.items[:n], ending{how, s.name, 0, fault{how, s, l.items[n-1]}}
			}
		}
		return func(ctx context.Context, r *run) error { return rangeOver(ctx, r, l.stream, s, 0, n, how) }
	case 2:
		s := b.stage("ForEach", willFail, willPanic, willExit, willCancel)
		opts := b.options(l, s, 1)
		s.unordered = false
		l.through(s, s.child)
		if s.workers > 0 {
			l.ordered, l.group = false, nil
		}
		s.unordered = true // it fails at once
		do := b.callback(s, func(ctx context.Context, x int) error {
			r := b.runOf(ctx)
			err := s.do(ctx, r, x)
			if err == nil {
				r.receive(0, x)
			}
			return err
		})
		return func(ctx context.Context, _ *run) error { return ForEach(ctx, l.stream, do, opts...) }
	case 3:
		l.loses, l.drops = true, true
		return func(ctx context.Context, r *run) (err error) {
			r.received[0], err = Collect(ctx, l.stream)
			return err
		}
	case 4:
		s := b.stage("Reduce", willFail, willPanic, willExit, willCancel)
		s.name = "Reduce"
		l.join(s, false)
		l.through(s, s.child)
		do := b.doing(s)
		return func(ctx context.Context, r *run) error {
			sum, err := Reduce(ctx, l.stream, 0, func(sum, x int) (int, error) {
				err := do(ctx, x)
				if err == nil {
					r.receive(0, x)
				}
				return sum + x, err
			})
			for _, x := range r.received[0] {
				sum -= x
			}
			require.Zero(b.t, sum)
			return err
		}
	case 5:
		l.blind, l.drops = true, true
		return func(ctx context.Context, _ *run) error { return Drain(ctx, l.stream) }
	}
	l.sinks = make([]int, 1+b.Choose(3))
	sinks := make([]func(context.Context, Stream[int]) error, len(l.sinks))
	l.mayMiss = true
	l.ahead += 64
	for i := range sinks {
		s, n, how := b.stage("Tee"), b.Choose(40), []kind{willLeave, willLeave, willFail}[b.Choose(3)]
		s.name, s.unordered = "Tee", true
		if n > 30 {
			n, l.mayMiss = 0, false
		}
		l.join(s, false)
		s.apart = true
		l.sinks[i] = n
		sinks[i] = func(ctx context.Context, stream Stream[int]) error {
			return rangeOver(ctx, b.runOf(ctx), stream, s, i, n, how)
		}
	}
	l.leaves = l.leaves || l.mayMiss
	return func(ctx context.Context, _ *run) error { return Tee(ctx, l.stream, sinks...) }
}

// rangeOver ranges over a stream, and leaves it after n items: 0: never.
func rangeOver(ctx context.Context, r *run, stream Stream[int], s *stage, sink, n int, how kind) error {
	for x, err := range stream.All(ctx) {
		if err != nil {
			require.Zero(r.t, x)
			return err
		}
		received := r.receive(sink, x)
		s.do(ctx, r, x)
		if received == n {
			is := fault{how, s, x}
			if how != willLeave {
				r.happens(s, is)
			}
			switch how {
			case willLeave:
				return nil
			case willFail:
				return is
			case willPanic:
				panic(is)
			case willExit:
				runtime.Goexit()
			}
		}
	}
	return nil
}
