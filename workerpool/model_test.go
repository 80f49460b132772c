package workerpool

import (
	"errors"
	"slices"
	"time"

	"github.com/braidgo/braid"
)

// A model is what a Pool promises, without a goroutine: tasks that wait for room,
// cells of a queue, tasks that run. It says what is so whenever nothing moves.
type model struct {
	limit, size      int
	now              time.Duration
	moved            time.Duration // when something last happened
	closed, dropping bool
	waiters          []*modelTask // without room, first come, first served
	queue            []*modelTask // a task cancelled by who waits for it keeps its cell
	running          []*modelTask
	shutdowns        []*modelShutdown
	stats            Stats
}

type modelTask struct {
	kind     kind
	future   bool // its end is an error somebody gets
	waited   bool // and he waits for it, so that its cancellation needs no worker
	released bool
	dead     bool // its context has ended
	state    taskState
	begun    int
	ends     time.Duration // if it sleeps
	err      error         // of the future, or of the refusal
}

type modelShutdown struct {
	deadline          time.Duration
	over              bool // it has returned
	dropped           int
	certainly, atMost int // tasks that still run: some may just have obeyed
}

type kind int

const (
	returns kind = iota
	blocks       // until it is released
	obeys        // its context, or until it is released
	sleeps       // for two seconds
	panics
	exits // by runtime.Goexit
	fails
	kinds
)

type taskState int

const (
	outside taskState = iota // waits for room
	queued
	running
	completed
	failed
	cancelled
	dropped
	rejected
)

var (
	errCancel = errors.New("cancelled")
	errTask   = errors.New("the task failed")
)

func (k kind) err() error {
	switch k {
	case panics, fails:
		return errTask // panics with it
	case exits:
		return braid.ErrGoexit
	}
	return nil
}

func (m *model) room() bool { return len(m.running) < m.limit || len(m.queue) < m.size }

func (m *model) submit(t *modelTask, try bool) {
	switch {
	case m.closed:
		m.reject(t, ErrClosed)
	case try && !m.room():
		m.reject(t, ErrFull)
	default:
		m.waiters = append(m.waiters, t)
		m.settle()
	}
}

func (m *model) reject(t *modelTask, err error) {
	t.state, t.err = rejected, err
	m.stats.Rejected++
}

// settle lets in whom there is room for and begins what a worker is free for.
func (m *model) settle() {
	for {
		for len(m.waiters) > 0 && len(m.queue) < m.size {
			m.waiters[0].state = queued
			m.queue = append(m.queue, m.waiters[0])
			m.waiters = m.waiters[1:]
			m.stats.Accepted++
		}
		switch {
		case len(m.running) >= m.limit:
			return
		case len(m.queue) > 0:
			t := m.queue[0]
			m.queue = m.queue[1:]
			m.begin(t)
		case len(m.waiters) > 0:
			t := m.waiters[0]
			m.waiters = m.waiters[1:]
			m.stats.Accepted++
			m.begin(t)
		default:
			m.endShutdowns()
			return
		}
	}
}

func (m *model) begin(t *modelTask) {
	switch {
	case t.state == cancelled: // its cell is free now
		return
	case t.dead:
		m.cancelled(t)
		return
	}
	t.state = running
	t.begun++
	m.running = append(m.running, t)
	switch {
	case t.kind == sleeps:
		t.ends = m.now + 2*time.Second
	case t.kind == blocks || t.kind == obeys:
		if t.released {
			m.end(t, nil)
		}
	default:
		m.end(t, t.kind.err())
	}
}

func (m *model) cancelled(t *modelTask) {
	t.state, t.err = cancelled, errCancel
	m.stats.Cancelled++
}

func (m *model) end(t *modelTask, err error) {
	m.moved = m.now
	m.running = slices.DeleteFunc(m.running, func(other *modelTask) bool { return other == t })
	returnsError := t.kind != panics && t.kind != exits
	if err == nil || returnsError && !t.future { // a task of Submit has no error
		t.state = completed
		m.stats.Completed++
	} else {
		t.state = failed
		m.stats.Failed++
	}
	t.err = err
}

func (m *model) release(t *modelTask) {
	t.released = true
	if t.state == running && (t.kind == blocks || t.kind == obeys) {
		m.end(t, nil)
		m.settle()
	}
}

func (m *model) cancel(t *modelTask) {
	t.dead = true
	switch {
	case t.state == outside:
		m.waiters = slices.DeleteFunc(m.waiters, func(other *modelTask) bool { return other == t })
		m.reject(t, errCancel)
	case t.state == queued && t.waited:
		m.cancelled(t)
	case t.state == running && t.kind == obeys:
		m.end(t, errCancel)
		m.settle()
	}
}

func (m *model) resize(limit int) {
	m.limit = limit
	m.settle()
}

// close is what Shutdown and Close do first, and drop what they do in the end.
func (m *model) close() {
	m.closed = true
	for _, t := range m.waiters {
		m.reject(t, ErrClosed)
	}
	m.waiters = nil
	m.settle()
}

func (m *model) drop() (over modelShutdown) {
	m.close()
	m.dropping = true
	for _, t := range m.queue {
		if t.state == queued {
			t.state, t.err = dropped, ErrDropped
			m.stats.Dropped++
			over.dropped++
		}
	}
	m.queue = nil
	over.atMost = len(m.running)
	for _, t := range slices.Clone(m.running) {
		if t.kind == obeys {
			m.end(t, ErrClosed)
		}
	}
	over.certainly = len(m.running)
	m.settle()
	return over
}

func (m *model) shutdown(timeout time.Duration) *modelShutdown {
	m.close()
	s := &modelShutdown{deadline: m.now + timeout}
	m.shutdowns = append(m.shutdowns, s)
	m.endShutdowns()
	return s
}

// done reports that a Close has returned.
func (m *model) done() bool { return m.closed && len(m.running)+len(m.queue) == 0 }

func (m *model) endShutdowns() {
	for _, s := range m.shutdowns {
		s.over = s.over || m.done()
	}
}

// advance lets time pass. No shutdown's deadline falls on the end of a sleep.
func (m *model) advance(d time.Duration) {
	for until := m.now + d; m.now < until; {
		next := until
		for _, t := range m.running {
			if t.kind == sleeps {
				next = min(next, t.ends)
			}
		}
		for _, s := range m.shutdowns {
			if !s.over {
				next = min(next, s.deadline)
			}
		}
		m.now = next
		for _, t := range slices.Clone(m.running) {
			if t.kind == sleeps && t.ends == m.now {
				m.end(t, nil)
			}
		}
		m.settle()
		for _, s := range m.shutdowns {
			if !s.over && s.deadline == m.now {
				over := m.drop()
				s.over, s.dropped, s.certainly, s.atMost = true, over.dropped, over.certainly, over.atMost
			}
		}
	}
}

// snapshot is what Stats must say, but for the number of workers.
func (m *model) snapshot() Stats {
	s := m.stats
	s.Limit, s.Running = m.limit, len(m.running)
	for _, t := range m.queue {
		if t.state == queued {
			s.Queued++
		}
	}
	return s
}
