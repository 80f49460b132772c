package pipeline

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/braidgo/braid/internal/argument"
)

// Observe has r count what the stages before it do, in each run of the stream that it
// returns. It is no stage itself. Without it nothing is counted, and no clock is read for it;
// with it each item costs each stage two atomic additions, and each wait two looks at the
// clock. The sink is not seen, since it comes after: what it takes is the time for which
// the last stage is blocked or, if that is fused to it, busy.
func Observe[T any](s Stream[T], r *Report) Stream[T] {
	s.check("pipeline.Observe", "s")
	argument.NotNil("pipeline.Observe", "r", r == nil)
	s = s.detach()
	r.include(s.node)
	return Stream[T]{node: s.node, run: func(p place, yield func(T) bool) error {
		if slices.Contains(p.reports, r) {
			return s.run(p, yield)
		}
		if p.clock == nil {
			p.clock = newClock()
			p.clock.run(1) // until the run is over
		}
		p.reports = append(slices.Clip(p.reports), r)
		return s.run(p, yield)
	}}
}

// Report is what [Observe] has seen of the stages of a stream, also while it runs. It
// adds up all runs of each stage, and keeps an entry for every stage that was ever made
// before one of its Observes: where streams are made anew for each run, make the Report
// anew, too. The zero Report is empty and ready to use.
type Report struct {
	mu     sync.Mutex
	stages []*node // each behind those whose items it gets
	meters map[*node]*meter
}

// StageStats is what a stage has done so far. Its times are those of its goroutines,
// added up: a second of four workers is four. Stages that share a goroutine share its
// times, and on the caller's goroutine those of the sink are among them.
type StageStats struct {
	Name    string
	In      uint64        // items it has got; 0 for a source
	Out     uint64        // items it has passed on
	Failed  uint64        // items whose function has returned an error; not those that were skipped or parked
	Busy    time.Duration // the time spent neither blocked nor starved, so also waiting within a callback
	Blocked time.Duration // waiting for room behind it: what comes after it is slower
	Starved time.Duration // waiting for an item: what comes before it is slower
	Waiting int           // items that wait before it now
}

// Stages returns the stages, each behind those whose items it gets.
func (r *Report) Stages() []StageStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]StageStats, len(r.stages))
	read := make(map[*clock]times) // once each: stages that share a clock have the same times
	for i, n := range r.stages {
		all[i] = r.meters[n].stats(n.name, read)
	}
	return all
}

// include adds a stage, and before it those it gets its items from.
func (r *Report) include(n *node) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.meters == nil {
		r.meters = make(map[*node]*meter)
	}
	var add func(*node)
	add = func(n *node) {
		if r.meters[n] != nil {
			return
		}
		r.meters[n] = new(meter)
		if !n.branch { // the run of a Tee is another
			for _, input := range n.inputs {
				add(input)
			}
		}
		r.stages = append(r.stages, n)
	}
	add(n)
}

func (r *Report) meter(n *node) *meter {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.meters[n]
}

// meter is what a report knows of a stage.
type meter struct {
	in, out, failed atomic.Uint64

	mu   sync.Mutex
	past times // of runs that are over
	live []live
}

// live is a stage in a run.
type live struct {
	run     *run
	clock   *clock
	waiting func() int64 // nil: nobody can wait before it
}

// times are how long the goroutines of a stage have run, and have waited meanwhile.
type times struct{ ran, blocked, starved time.Duration }

func (m *meter) stats(name string, read map[*clock]times) StageStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := StageStats{Name: name, In: m.in.Load(), Out: m.out.Load(), Failed: m.failed.Load()}
	sum := m.past
	for _, l := range m.live {
		if _, ok := read[l.clock]; !ok {
			read[l.clock] = l.clock.read()
		}
		sum.add(read[l.clock])
		if l.waiting != nil {
			s.Waiting += int(l.waiting())
		}
	}
	s.Busy, s.Blocked, s.Starved = sum.ran-sum.blocked-sum.starved, sum.blocked, sum.starved
	return s
}

func (t *times) add(u times) {
	t.ran += u.ran
	t.blocked += u.blocked
	t.starved += u.starved
}

// retire takes over what there is to know of a run that is over.
func (m *meter) retire(r *run) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.live = slices.DeleteFunc(m.live, func(l live) bool {
		if l.run == r {
			m.past.add(l.clock.read())
		}
		return l.run == r
	})
}

// meters are those of a stage in a run, one for each report that it is observed for.
type meters struct{ in, out, failures []*atomic.Uint64 }

func (m *meters) failed() {
	for _, n := range m.failures {
		n.Add(1)
	}
}

// counted counts the items that go to yield.
func counted[T any](counters []*atomic.Uint64, yield func(T) bool) func(T) bool {
	if counters == nil {
		return yield
	}
	return func(item T) bool {
		for _, n := range counters {
			n.Add(1)
		}
		return yield(item)
	}
}

// enter is where a stage begins to run, on the goroutine that it is fused on.
func (p place) enter(n *node) *spot { return p.enterWith(n, p.clock, nil) }

// enterWith is where a stage with goroutines of its own begins to run.
func (p place) enterWith(n *node, c *clock, waiting func() int64) *spot {
	at := p.spot(n.name)
	for _, r := range p.reports {
		m := r.meter(n)
		at.meters.in = append(at.meters.in, &m.in)
		at.meters.out = append(at.meters.out, &m.out)
		at.meters.failures = append(at.meters.failures, &m.failed)
		p.run.observe(m, c, waiting)
	}
	return at
}

// waitsAt says how many items wait before a stage that has a queue.
func (p place) waitsAt(n *node, waiting func() int64) {
	for _, r := range p.reports {
		p.run.observe(r.meter(n), nil, waiting)
	}
}

func (r *run) observe(m *meter, c *clock, waiting func() int64) {
	m.mu.Lock()
	m.live = append(m.live, live{r, c, waiting})
	m.mu.Unlock()
	r.mu.Lock()
	r.meters = append(r.meters, m)
	r.mu.Unlock()
}
