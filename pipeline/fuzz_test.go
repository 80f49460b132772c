package pipeline_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/testkit"
	. "github.com/braidgo/braid/pipeline"
)

// FuzzStreams builds a pipeline as the program says, and beside it a model: what a plain
// loop makes of the same items, one stage after the other. Then it runs the pipeline,
// once or twice, into some sink. While that runs, each callback looks whether it may be
// called; when it is over, what has come of it is compared with the model.
func FuzzStreams(f *testing.F) { testkit.Fuzz(f, fuzzStreams) }

// long is longer than all callbacks of a run may take together.
const long = 1000 * time.Hour

func fuzzStreams(t *testing.T, p *testkit.Program) {
	b := &builder{Program: p, t: t, once: p.Choose(3) > 0, endless: p.Choose(4) == 0}
	l := b.line(p.Choose(7))
	if b.once && p.Choose(2) == 0 {
		l.stream = Observe(l.stream, &l.report)
	}
	sink, deadline := b.sink(l), long
	if p.Choose(8) == 0 {
		deadline = time.Duration(p.Choose(64))*time.Second + time.Second/2
	}
	t.Log(l.stages)
	first, second := newRun(t, l), newRun(t, l)
	b.only = first
	go first.run(b.endless, deadline, sink)
	if b.once {
		first.watch()
		first.check()
		return
	}
	if p.Choose(2) == 0 {
		<-first.over
	}
	second.run(b.endless, deadline, sink)
	<-first.over
	first.check()
	second.check()
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
	busy        map[call]bool // for MapByKey, by its key
	latest      map[call]int  // and by group and key
	happened    []fault
	failed      map[*stage]failure
	cancelledAt time.Time
	pulled      int          // items of sources
	delivered   map[int]bool // those of which something has come to the sink
	received    [3][]int     // by the sink or, with Tee, by each

	err       error
	panicked  any
	exited    bool
	cancelled bool // and not because it would have waited for ever
}

// call is a call of a callback, for an item.
type call struct {
	stage *stage
	item  int
}

// failure is when a stage has failed for the first time, and the first item on which it
// has failed since.
type failure struct {
	at   time.Time
	item int
}

func newRun(t *testing.T, l *line) *run {
	return &run{t: t, line: l, over: make(chan struct{}), begun: map[call]bool{}, active: map[*stage]int{}, busy: map[call]bool{},
		latest: map[call]int{}, failed: map[*stage]failure{}, delivered: map[int]bool{}}
}

type runKey struct{}

func (r *run) run(endless bool, deadline time.Duration, sink func(context.Context, *run) error) {
	r.ctx, r.cancel = context.Background(), func(error) {}
	if !endless {
		r.ctx, r.cancel = context.WithCancelCause(r.ctx)
		defer time.AfterFunc(deadline, func() { r.end(deadline < long) }).Stop()
	}
	go func() { // it may be ended, by runtime.Goexit
		defer close(r.over)
		returned := false
		defer func() {
			r.panicked = recover()
			r.exited = !returned && r.panicked == nil
			r.mu.Lock()
			defer r.mu.Unlock()
			r.returned = true
			for s, n := range r.active {
				assert.Zero(r.t, n, "%v runs after the sink has returned", s)
			}
		}()
		r.err = sink(context.WithValue(r.ctx, runKey{}, r), r)
		returned = true
	}()
	<-r.over
}

// begin is what every callback does first, for an item that it gets, and done last.
func (r *run) begin(s *stage, x int) (done func()) {
	assert.True(r.t, r.once(call{s, x}), "%v gets %d twice", s, x)
	assert.False(r.t, !s.fused && r.ended(s), "%v begins %d, which nobody can get", s, x) // fused stages may go on with an item
	r.mu.Lock()
	defer r.mu.Unlock()
	assert.False(r.t, r.returned, "%v begins after the sink has returned", s)
	r.active[s]++
	assert.LessOrEqual(r.t, r.active[s], max(1, s.workers), "%v", s)
	if first, ok := r.failed[s]; ok && s.inOrder && first.at.Before(time.Now()) {
		assert.Less(r.t, x, first.item, "%v begins what is behind a failure", s)
	}
	key := call{s, 0}
	if s.keys > 0 {
		key.item = origin(x) % s.keys
		assert.False(r.t, r.busy[key], "%v runs two of a key", s)
		r.busy[key] = true
		if s.group != nil {
			lane := call{s, 8*s.group(origin(x)) + key.item}
			assert.Less(r.t, r.latest[lane], x, "%v: the order of a key", s)
			r.latest[lane] = x
		}
	}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.active[s]--
		r.busy[key] = false
	}
}

// once reports whether it is the first time.
func (r *run) once(c call) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { r.begun[c] = true }()
	return !r.begun[c]
}

// ended reports whether a stage should have ended some time ago: because one behind it
// has failed; or because all has ended, by a cancel, or by the failure of a stage without
// order, unless that had been left before.
func (r *run) ended(s *stage) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for other, first := range r.failed {
		left := slices.ContainsFunc(other.behind, func(after *stage) bool {
			failed, ok := r.failed[after]
			return after.takes || ok && !failed.at.After(first.at)
		})
		if first.at.Before(now) && (slices.Contains(s.behind, other) || other.atOnce && !left) {
			return true
		}
	}
	return !r.cancelledAt.IsZero() && r.cancelledAt.Before(now)
}

// happens is called before a callback fails.
func (r *run) happens(is fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.happened = append(r.happened, is)
	first, ok := r.failed[is.stage]
	if !ok {
		first = failure{time.Now(), is.item}
	}
	first.item = min(first.item, is.item)
	r.failed[is.stage] = first
}

// end ends the caller's context.
func (r *run) end(early bool) {
	r.mu.Lock()
	if r.cancelledAt.IsZero() {
		r.cancelledAt = time.Now()
	}
	r.cancelled = r.cancelled || early
	r.mu.Unlock()
	r.cancel(errCancel)
}

// pull is called before a source yields, and receive by a sink.
func (r *run) pull() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pulled++
	if !r.line.drops {
		assert.LessOrEqual(r.t, r.pulled-len(r.delivered), r.line.ahead, "items are ahead of the sink")
	}
}

func (r *run) receive(sink, x int) (received int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delivered[origin(x)] = true
	r.received[sink] = append(r.received[sink], x)
	return len(r.received[sink])
}

// watch looks for workers who have nothing to do though items wait for one, whenever
// nothing moves any more.
func (r *run) watch() {
	for range 60 {
		time.Sleep(time.Second / 2)
		synctest.Wait()
		r.mu.Lock()
		undisturbed := !r.returned && len(r.happened) == 0 && r.cancelledAt.IsZero() && !r.line.leaves
		for _, stats := range r.line.report.Stages() {
			if s := r.line.named(stats.Name); s != nil && s.workers > 1 && s.keys == 0 && stats.Waiting > 0 && undisturbed {
				assert.Equal(r.t, s.workers, r.active[s], "%d items wait for a worker of %v", stats.Waiting, s)
			}
		}
		r.mu.Unlock()
	}
	<-r.over
}

// ---- What has come of it -----------------------------------------------------

func (r *run) check() {
	l, is := r.line, r.ending()
	r.checkNothingIsLost(is)

	// With a cancel, and when a sink of a Tee ends the others, nobody knows how far it comes.
	exact := l.ordered && !r.cancelled && !slices.ContainsFunc(r.happened, func(f fault) bool { return f.stage.name == "Tee" })
	if exact {
		want := l.end.seen()
		switch {
		case is.kind == willPanic && want.kind == willReturn: // it was ahead of the end
		case l.mayMiss && (is.kind == willPanic || is.kind == willReturn):
		default:
			require.Equal(r.t, want.String(), is.String())
		}
	}
	for i, after := range l.sinks {
		got, items := r.received[i], l.items
		if after > 0 {
			items = items[:min(len(items), after)]
		}
		all := is.kind == willReturn && !l.leaves && after == 0
		switch {
		case exact || l.ordered && all:
			require.Equal(r.t, append([]int(nil), items...), got)
		case l.ordered:
			require.Equal(r.t, append([]int(nil), items[:min(len(items), len(got))]...), got)
		default:
			r.checkGroups(got, all)
		}
	}
	if exact && is.kind == willReturn && !l.leaves {
		for _, stats := range l.report.Stages() {
			if s := l.named(stats.Name); s != nil && s.in > 0 {
				require.Equal(r.t, []int{s.in, s.out, 0, 0}, []int{int(stats.In), int(stats.Out), int(stats.Failed), stats.Waiting}, "%v", s)
			}
		}
	}
}

// ending is how the sink has returned.
func (r *run) ending() ending {
	var failed *StageError
	switch {
	case r.exited:
		return ending{kind: willExit}
	case r.panicked != nil:
		if panicked, ok := r.panicked.(*braid.PanicError); ok {
			r.panicked = panicked.Value
		}
		return ending{kind: willPanic, cause: r.panicked}
	case errors.As(r.err, &failed):
		return ending{willFail, failed.Stage, int(failed.Index), failed.Err}
	case r.err != nil:
		require.Equal(r.t, errCancel, r.err)
		require.Error(r.t, r.ctx.Err())
		return ending{kind: willCancel}
	}
	return ending{}
}

// checkNothingIsLost wants an ending to come of something that has happened, and what
// has happened to have consequences.
func (r *run) checkNothingIsLost(is ending) {
	happened := func(that func(fault) bool) bool { return slices.ContainsFunc(r.happened, that) }
	switch is.kind {
	case willExit:
		require.True(r.t, happened(func(f fault) bool { return f.kind == willExit && !f.stage.apart }))
	case willPanic:
		require.True(r.t, happened(func(f fault) bool { return f == is.cause }), "%v has not happened", is.cause)
	case willFail:
		require.True(r.t, happened(func(f fault) bool {
			return f.stage.name == is.stage && (f == is.cause || f.kind == willExit && is.cause == braid.ErrGoexit)
		}), "%v, but what has happened is %v", r.err, r.happened)
	default:
		require.False(r.t, happened(func(f fault) bool { return f.kind == willPanic }), "a panic is lost: %v", r.happened)
		require.True(r.t, is.kind == willCancel || r.line.leaves || len(r.happened) == 0, "an error is lost: %v", r.happened)
	}
}

// checkGroups wants items to be possible, different, in the order of their groups, and
// perhaps all that there are.
func (r *run) checkGroups(got []int, all bool) {
	l, latest := r.line, map[int]int{}
	for _, x := range got {
		require.Contains(r.t, l.possible, x)
		if l.group != nil {
			require.Less(r.t, latest[l.group(origin(x))], x, "the order of a group")
			latest[l.group(origin(x))] = x
		}
	}
	require.Len(r.t, slices.Compact(slices.Sorted(slices.Values(got))), len(got), "some have come twice")
	require.True(r.t, !all || len(got) == len(l.possible), "%d have come of %d", len(got), len(l.possible))
}
