package workerpool

import "sync/atomic"

// Stats is a snapshot of a pool. When nothing is on the move it is exact. At all
// times
//
//	Accepted = Completed + Failed + Cancelled + Dropped + Queued + Running
//
// though Queued and Running may lag behind tasks that are just being moved.
type Stats struct {
	Limit   int // how many workers there may be
	Workers int // how many there are, Idle included
	Idle    int // workers that wait for a task
	Queued  int // tasks accepted and not begun
	Running int // tasks begun and not ended

	Accepted  uint64 // tasks ever taken in
	Completed uint64 // ended without an error
	Failed    uint64 // returned an error, panicked, called runtime.Goexit, or found no state opened
	Cancelled uint64 // never begun, because their submitter's context was done
	Dropped   uint64 // never begun, because the pool was closed
	Rejected  uint64 // never accepted
}

// tally counts how tasks end. Each worker has its own, so that no two of them
// write to the same memory for each task.
type tally struct{ completed, failed, cancelled, dropped atomic.Uint64 }

func (t *tally) add(other *tally) {
	t.completed.Add(other.completed.Load())
	t.failed.Add(other.failed.Load())
	t.cancelled.Add(other.cancelled.Load())
	t.dropped.Add(other.dropped.Load())
}

// Stats returns a snapshot of the pool. It costs a lock and a look at every
// worker. What the tasks pay for it, asked for or not, is one atomic addition to
// a counter of their worker's own.
//
// Contract: that of Pool.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.unlock()
	// A task is accepted, then taken, then it ends. Read in the opposite order,
	// the earlier counts can only be too large, never too small.
	var sum tally
	sum.add(&p.past)
	for w := range p.workers {
		sum.add(&w.tally)
	}
	for w := range p.lent {
		sum.add(&w.tally)
	}
	s := Stats{
		Limit:     p.limit,
		Workers:   len(p.workers),
		Idle:      len(p.idle),
		Completed: sum.completed.Load(),
		Failed:    sum.failed.Load(),
		Cancelled: sum.cancelled.Load(),
		Dropped:   sum.dropped.Load(),
	}
	ended := s.Completed + s.Failed + s.Cancelled + s.Dropped
	skipped := p.skipped.Load()
	taken := p.queue.popped() + p.begun + p.helped.Load() - skipped
	s.Accepted = p.queue.pushed() + p.direct
	taken = max(ended, min(taken, s.Accepted))
	s.Running = int(taken - ended)
	s.Queued = int(s.Accepted - taken)
	s.Rejected = p.rejected.Load()
	return s
}
