package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/testkit"
	. "github.com/braidgo/braid/pipeline"
)

// line is a pipeline, and its model. An item is the number of its origin, which a source
// has yielded, and behind it an octal digit for each stage that it has been through: so
// no two are the same, and in the order of a plain loop each is more than the one before.
type line struct {
	stream Stream[int]
	stages []*stage
	report Report

	items    []int                // what a plain loop comes to
	end      ending               // and how it ends
	ordered  bool                 // the pipeline comes to the same; otherwise:
	possible []int                // what comes if nothing fails
	group    func(origin int) int // the items of a group come in order; nil: in any
	sinks    []int                // after how many items each sink leaves; 0: never

	depth   int  // digits that are used
	ahead   int  // how many items of sources may be under way
	drops   bool // some of them are dropped on the way
	leaves  bool // something may leave what is before it, while that fails
	mayMiss bool // the sinks of a Tee leave, and may or may not see how it ends
}

const (
	digits = 8
	most   = 64 // items of a source
)

func origin(x int) int { return x >> (3 * digits) }

// ending is how a line ends.
type ending struct {
	kind  kind
	stage string
	index int
	cause any
}

func (e ending) String() string { return fmt.Sprint(e.kind, e.stage, e.index, e.cause) }

// seen is what a caller sees of it.
func (e ending) seen() ending {
	switch {
	case e.kind == willFail:
		return e
	case e.kind == willExit && e.cause.(fault).stage.apart:
		return ending{willFail, e.stage, e.index, braid.ErrGoexit}
	case e.kind == willPanic:
		return ending{kind: willPanic, cause: e.cause}
	case e.kind == willHang:
		return ending{kind: willCancel}
	case e.kind == willLeave:
		return ending{}
	}
	return ending{kind: e.kind}
}

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
	l.drops = l.drops || s.skips || s.parks
}

// through is the loop. children are what a stage makes of an item, those first that it
// has already passed on when it skips the item or fails.
func (l *line) through(s *stage, children func(x int) (early, all []int)) {
	var out, possible []int
	for _, x := range l.possible {
		early, all := children(x)
		if s.does(x) == willSkip {
			all = early
		}
		possible = append(possible, all...)
	}
	s.in = len(l.items)
loop:
	for i, x := range l.items {
		early, all := children(x)
		switch is := s.does(x); is {
		case willSkip:
			out = append(out, early...)
		case willFail, willPanic, willExit:
			out, l.end = append(out, early...), ending{is, s.name, i, fault{is, s, x}}
			break loop
		default:
			out = append(out, all...)
		}
	}
	s.out = len(out)
	l.items, l.possible = out, possible
	if s.unordered {
		l.disorder(s.keys)
	}
}

// disorder is for what comes out of a stage without order. Only keys keep theirs.
func (l *line) disorder(keys int) {
	group := l.group
	l.ordered, l.group = false, nil
	if keys > 0 && group != nil {
		l.group = func(origin int) int { return group(origin)*8 + origin%keys }
	}
}

// ---- What callbacks do -------------------------------------------------------

// stage is a stage, and what its callback does with an item: always the same.
type stage struct {
	name                 string
	step                 int // what it adds to an item
	workers              int // 0: none
	unordered            bool
	keys                 int  // of a MapByKey
	retries, parks       bool // with Retry, or DeadLetter
	skips                bool
	salt, sleepy, faulty int // it sleeps for one of so many items; 0: for none
	fault                kind

	behind  []*stage             // those that get its items
	fused   bool                 // to the one before
	apart   bool                 // from the caller's goroutine
	inOrder bool                 // it gets its items so
	group   func(origin int) int // see line
	takes   bool                 // it may end those before it, though nothing has failed
	atOnce  bool                 // when it fails, all ends
	in, out int                  // items, in the model
}

func (s *stage) String() string {
	return fmt.Sprintf("%s(workers %d, fused %t, unordered %t, fails %d/%d)", s.name, s.workers, s.fused, s.unordered, s.fault, s.faulty)
}

type kind int

const (
	willReturn kind = iota
	willSleep
	willObey // its context, or sleep
	willSkip
	willFalter // fail for the first time, and then return
	willCancel // the caller's context
	willFail
	willPanic
	willExit
	willHang  // of a source: yield no more, and wait for its context
	willLeave // of a sink
)

var (
	errCancel = errors.New("the program cancels")
	anyFault  = []kind{willFail, willPanic, willExit, willCancel}
)

// fault is what a callback fails or panics with.
type fault struct {
	kind  kind
	stage *stage
	item  int
}

func (f fault) Error() string { return fmt.Sprint(f.stage.name, " fails on ", f.item) }

// random is as good as that, but the same each time.
func (s *stage) random(x int) uint64 {
	h := (uint64(x)<<8 + uint64(s.salt)) * 0x9E3779B97F4A7C15
	return h ^ h>>32
}

func (s *stage) does(x int) kind {
	switch h := s.random(x); {
	case s.faulty > 0 && h%uint64(s.faulty) == 0:
		switch {
		case s.fault == willFail && s.parks:
			return willSkip
		case s.fault == willFail && s.retries && h>>20%2 == 0:
			return willFalter
		}
		return s.fault
	case s.skips && h>>8%4 == 0:
		return willSkip
	case s.sleepy > 0 && h>>12%uint64(s.sleepy) == 0:
		return willSleep + kind(h>>20%2)
	}
	return willReturn
}

func (s *stage) do(ctx context.Context, r *run, x int) error {
	is, pause := fault{s.does(x), s, x}, time.Duration(1+s.random(x)>>24%4)*time.Second
	if is.kind == willSleep || is.kind > willSkip && s.random(x)>>36%2 == 0 { // so that an item behind it may fail before
		time.Sleep(pause)
	}
	switch is.kind {
	case willObey:
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	case willSkip:
		if s.parks {
			return is
		}
		return SkipItem
	case willFalter:
		if r.once(call{s, -x}) {
			return is
		}
	case willCancel:
		r.end(true)
	case willFail:
		return is
	case willPanic:
		r.happens(is)
		panic(is)
	case willExit:
		r.happens(is)
		runtime.Goexit()
	}
	return nil
}

// child is what becomes of an item in all stages but FlatMap.
func (s *stage) child(x int) (early, all []int) { return nil, []int{x + s.step} }

// ---- Stages ------------------------------------------------------------------

type builder struct {
	*testkit.Program
	t               *testing.T
	once            bool // it is run only once
	endless         bool // the caller's context has no end
	only            *run // that one, for callbacks that have no context
	stages, sources int
}

// callback is that of a stage that makes one item of each.
func (b *builder) callback(s *stage) func(context.Context, int) (int, error) {
	f := func(ctx context.Context, x int) (int, error) { return x + s.step, s.do(ctx, b.run(ctx), x) }
	if s.retries {
		f = Retry(f, Backoff{Attempts: 2, Base: time.Second})
	}
	if s.parks {
		f = DeadLetter(f, func(_ context.Context, x int, err error) error {
			assert.Equal(b.t, fault{willSkip, s, x}, err)
			return nil
		})
	}
	return func(ctx context.Context, x int) (result int, err error) {
		b.call(ctx, s, x, func() error {
			result, err = f(ctx, x)
			return err
		})
		return result, err
	}
}

// call is what all callbacks are.
func (b *builder) call(ctx context.Context, s *stage, x int, f func() error) error {
	r := b.run(ctx)
	defer r.begin(s, x)()
	err := f()
	if is, ok := err.(fault); ok {
		r.happens(is)
	}
	return err
}

func (b *builder) run(ctx context.Context) *run {
	if r, ok := ctx.Value(runKey{}).(*run); ok {
		return r
	}
	return b.only
}

// stage makes a stage that may fail in some ways.
func (b *builder) stage(name string, faults ...kind) *stage {
	b.stages++
	s := &stage{name: name, salt: b.Choose(256), sleepy: b.Choose(4)}
	if len(faults) > 0 {
		s.skips, s.fault = b.Choose(6) == 0, faults[b.Choose(len(faults))]
		s.faulty = []int{0, 0, 0, 0, 0, 3, 17, 61}[b.Choose(8)]
		if s.fault == willCancel && b.endless {
			s.faulty = 0
		}
	}
	return s
}

// options chooses the options of a stage, and puts it behind the others. So many items
// of a source are in an item that it gets.
func (b *builder) options(l *line, s *stage, size int) []Option {
	s.name += fmt.Sprint(b.stages)
	opts, buffer := []Option{Name(s.name)}, b.Choose(10)
	s.workers = b.Choose(6)
	if buffer < 6 {
		opts = append(opts, Buffer(buffer))
	} else if buffer = 0; s.workers > 0 {
		buffer = 256
	}
	if s.workers > 0 {
		opts = append(opts, Workers(s.workers))
		if b.Choose(3) == 0 {
			s.unordered, s.atOnce = true, true
			opts = append(opts, Unordered())
			l.ahead += size * (1 + buffer) // of a FlatMap, results wait as well
		}
	}
	l.ahead += size * (1 + buffer + s.workers)
	l.join(s, len(opts) > 1)
	return opts
}

// line makes a source, and so many stages behind it.
func (b *builder) line(stages int) *line {
	l := b.source()
	for range stages {
		switch what := b.Choose(12); {
		case what < 8 && l.depth < digits-1:
			l.depth++
			b.transform(l, what, 1<<(3*(digits-l.depth)))
		case what == 8 && b.once:
			s := b.stage("Filter", willPanic, willExit, willCancel)
			s.skips = true
			l.join(s, false)
			l.through(s, s.child)
			s.in = 0 // there may be several of the name
			keep := b.callback(s)
			l.stream = Filter(l.stream, func(x int) bool { _, err := keep(context.Background(), x); return err == nil })
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
	origins := make([]int, b.Choose(most))
	for i := range origins {
		origins[i] = (b.sources*most + i) << (3 * digits)
	}
	l := &line{items: origins, possible: origins, ordered: true, group: func(int) int { return 0 }, ahead: 2}
	what := b.Choose(4)
	if !b.once { // only these two know in which run they are
		what %= 2
	}
	hangs := !b.endless && what < 3 && b.Choose(4) == 0
	if hangs {
		l.end = ending{kind: willHang}
	}
	if what == 2 {
		items := make(chan int, most)
		for _, x := range origins {
			items <- x
		}
		if !hangs {
			close(items)
		}
		l.stream, l.drops = FromChan(items), true // nobody counts them
		return l
	}
	faults := anyFault
	if what == 3 {
		faults = faults[1:] // a From does not fail
	}
	s := b.stage([]string{0: "Generate", 1: "FromSeq2", 3: "From"}[what], faults...)
	l.join(s, false)
	l.through(s, s.child)
	if l.end.cause != nil { // it fails on what it would yield next
		l.end.index = len(l.items)
	}
	s.in = 0
	do := b.callback(s)
	produce := func(ctx context.Context, yield func(int, error) bool) {
		for _, x := range origins {
			_, err := do(ctx, x)
			if err == SkipItem {
				continue
			}
			r := b.run(ctx)
			if err == nil {
				r.pull()
			}
			ended := r.ended(s)
			if !yield(x, err) {
				assert.True(b.t, err != nil || !yield(x, nil), "%v has been told to end", s)
				return
			}
			assert.False(b.t, ended, "%v is not told to end", s)
		}
		if hangs {
			<-ctx.Done()
			yield(0, context.Cause(ctx))
		}
	}
	switch what {
	case 0:
		l.stream = Generate(func(ctx context.Context, yield func(int) bool) (failure error) {
			produce(ctx, func(x int, err error) bool {
				failure = err
				return err == nil && yield(x)
			})
			return failure
		})
	case 1:
		l.stream = FromSeq2(func(ctx context.Context) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) { produce(ctx, yield) }
		})
	default:
		l.stream = From(func(yield func(int) bool) {
			produce(context.Background(), func(x int, _ error) bool { return yield(x) })
		})
	}
	return l
}

// transform puts a Map, a MapByKey or a FlatMap behind l.
func (b *builder) transform(l *line, what, step int) {
	switch {
	case what < 3 || len(l.possible) > 100:
		s := b.stage("Map", anyFault...)
		s.step, s.retries, s.parks = step, b.Choose(6) == 0, b.Choose(6) == 0
		l.stream = Map(l.stream, b.callback(s), b.options(l, s, 1)...)
		l.through(s, s.child)
	case what < 5:
		s := b.stage("MapByKey", anyFault...)
		s.step, s.keys, s.retries = step, 1+b.Choose(5), b.Choose(6) == 0
		l.stream = MapByKey(l.stream, func(x int) int { return origin(x) % s.keys }, b.callback(s), b.options(l, s, 1)...)
		l.through(s, s.child)
	default:
		s := b.stage("FlatMap", anyFault...)
		children := func(x int) (early, all []int) {
			n := 1 + int(s.random(x)>>28%3)
			for i := range n {
				all = append(all, x+(i+1)*step)
			}
			return all[:n/2], all
		}
		l.stream = FlatMap(l.stream, func(ctx context.Context, x int, yield func(int) bool) error {
			return b.call(ctx, s, x, func() error {
				early, all := children(x)
				for i, child := range all {
					if i == len(early) {
						if err := s.do(ctx, b.run(ctx), x); err != nil {
							return err
						}
					}
					if !yield(child) {
						assert.False(b.t, yield(child), "%v has been told to end", s)
						return context.Cause(ctx)
					}
				}
				return nil
			})
		}, b.options(l, s, 1)...)
		l.through(s, children)
	}
}

// batch has items go through a Map in slices.
func (b *builder) batch(l *line) {
	size, wait := 1+b.Choose(7), time.Duration(b.Choose(3))*time.Second
	var batches Stream[[]int]
	if wait > 0 && b.Choose(2) == 0 {
		batches = Session(l.stream, size, wait)
	} else {
		batches = Batch(l.stream, size, wait)
	}
	l.ahead += size
	if wait > 0 {
		l.join(&stage{name: "Batch"}, true)
		l.ahead += 64
	} else if l.end.kind == willHang { // it is never filled
		l.items = l.items[:len(l.items)-len(l.items)%size]
	}
	full, items := wait == 0 && l.ordered, l.items
	s := b.stage("Slices")
	do := b.callback(s)
	l.stream = Flatten(Map(batches, func(ctx context.Context, batch []int) ([]int, error) {
		assert.True(b.t, 0 < len(batch) && len(batch) <= size)
		if full && len(batch) < size {
			assert.Equal(b.t, items[len(items)-1], batch[len(batch)-1], "a slice is not full, and not the last")
		}
		_, err := do(ctx, batch[0])
		return batch, err
	}, b.options(l, s, size)...))
	if s.unordered {
		l.disorder(0)
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
		merged.takes = true // when one has failed, it ends the others
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
		s, n, how := b.stage("the loop"), b.Choose(30), []kind{willLeave, willLeave, willPanic, willExit}[b.Choose(4)]
		l.join(s, false)
		l.leaves = l.leaves || n > 0
		if n > 0 && n <= len(l.items) {
			l.items, l.end = l.items[:n], ending{kind: how, cause: fault{how, s, l.items[n-1]}}
		}
		return func(ctx context.Context, r *run) error { return rangeOver(ctx, r, l.stream, s, 0, n, how) }
	case 2:
		s := b.stage("ForEach", anyFault...)
		opts := b.options(l, s, 1)
		s.unordered, s.atOnce = s.workers > 0, true
		l.through(s, s.child)
		do := b.callback(s)
		return func(ctx context.Context, r *run) error {
			return ForEach(ctx, l.stream, func(ctx context.Context, x int) error {
				_, err := do(ctx, x)
				if err == nil {
					r.receive(0, x)
				}
				return err
			}, opts...)
		}
	case 3:
		s := b.stage("Reduce", anyFault...)
		l.join(s, false)
		l.through(s, s.child)
		do := b.callback(s)
		return func(ctx context.Context, r *run) error {
			count, err := Reduce(ctx, l.stream, 0, func(count, x int) (int, error) {
				_, err := do(ctx, x)
				if err == nil {
					r.receive(0, x)
				}
				return count + 1, err
			})
			assert.Len(b.t, r.received[0], count)
			return err
		}
	case 4, 5:
		drains := b.Choose(2) == 0
		return func(ctx context.Context, r *run) error {
			s := Filter(l.stream, func(x int) bool { return r.receive(0, x) > 0 })
			if drains {
				return Drain(ctx, s)
			}
			items, err := Collect(ctx, s)
			assert.Equal(b.t, r.received[0], items)
			return err
		}
	}
	l.sinks, l.mayMiss = make([]int, 1+b.Choose(3)), true
	l.ahead += 64
	sinks, before := make([]func(context.Context, Stream[int]) error, len(l.sinks)), l.stages
	for i := range sinks {
		s, n, how := b.stage("Tee"), b.Choose(40), []kind{willLeave, willLeave, willFail}[b.Choose(3)]
		if n > 30 {
			n, l.mayMiss = 0, false
		}
		s.atOnce = true
		for _, stage := range before {
			stage.behind = append(stage.behind, s)
		}
		l.sinks[i] = n
		forgets := how == willLeave && b.Choose(4) == 0
		sinks[i] = func(ctx context.Context, stream Stream[int]) error {
			err := rangeOver(ctx, b.run(ctx), stream, s, i, n, how)
			if forgets {
				return nil
			}
			return err
		}
	}
	l.leaves = l.leaves || l.mayMiss
	return func(ctx context.Context, _ *run) error { return Tee(ctx, l.stream, sinks...) }
}

// rangeOver ranges over a stream, and leaves it after n items; 0: never.
func rangeOver(ctx context.Context, r *run, stream Stream[int], s *stage, sink, n int, how kind) error {
	for x, err := range stream.All(ctx) {
		if err != nil {
			assert.Zero(r.t, x)
			return err
		}
		received, is := r.receive(sink, x), fault{how, s, x}
		s.do(ctx, r, x)
		switch {
		case received != n:
			continue
		case how == willLeave:
			return nil
		}
		r.happens(is)
		switch how {
		case willPanic:
			panic(is)
		case willExit:
			runtime.Goexit()
		}
		return is
	}
	return nil
}
