package ratelimit

import (
	"context"
	"fmt"
	"sync"

	"github.com/braidgo/braid/internal/argument"
)

// Semaphore limits how much is in use at once: calls in flight, or, as each may take as
// much as it likes, their memory. Who asks for much is not passed by those who ask for little.
//
// [NewSemaphore] makes one. All methods are safe for concurrent use.
//
//	Goroutines: none, ever.
//	Blocks:     only Acquire does, first come, first served.
//	Ends:       nothing has to be ended; a semaphore that nobody holds is garbage.
//	Panics:     if a number is negative, a context is nil, or more is released than is in use.
//	Memory:     about 100 bytes, and 300 for each call that waits.
type Semaphore struct {
	mu    sync.Mutex
	size  int64
	inUse int64
	line  line // who waits: then the first wants more than is free
}

// NewSemaphore makes a semaphore of size n. It panics if n is negative.
func NewSemaphore(n int64) *Semaphore {
	argument.AtLeast("ratelimit.NewSemaphore", "n", n, 0)
	return &Semaphore{size: n}
}

// TryAcquire takes n if that much is free and nobody waits, and reports whether it has.
func (s *Semaphore) TryAcquire(n int64) bool {
	argument.AtLeast("ratelimit.Semaphore.TryAcquire", "n", n, 0)
	s.mu.Lock()
	ok := s.take(n)
	s.mu.Unlock()
	return ok
}

func (s *Semaphore) take(n int64) bool {
	if n > s.size-s.inUse || !s.line.empty() {
		return false
	}
	s.inUse += n
	return true
}

// Acquire blocks until n are free, and takes them. Who asks for 0 stands in line, too.
//
// It fails at once with the context's cause if that is done, and with [ErrExceedsBurst] if n is
// more than the size. It fails later with the context's cause when that ends, even when n
// come free at the same moment, and with ErrExceedsBurst when Resize makes the size less than
// n. Who failed has nothing to release.
//
// Contract: that of Semaphore.
func (s *Semaphore) Acquire(ctx context.Context, n int64) error {
	const function = "ratelimit.Semaphore.Acquire"
	argument.Context(function, ctx)
	argument.AtLeast(function, "n", n, 0)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if s.TryAcquire(n) {
		return nil
	}
	w := &waiter{n: n, turn: make(chan struct{}, 1)}
	if !s.join(w) {
		return w.err
	}
	select {
	case <-w.turn: // whoever took it out of the line has sent it
	case <-ctx.Done():
		if s.giveUp(w) {
			return context.Cause(ctx)
		}
	}
	if w.err == nil && ctx.Err() != nil {
		s.Release(n)
		return context.Cause(ctx)
	}
	return w.err
}

// join reports whether w has to wait.
func (s *Semaphore) join(w *waiter) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case w.n > s.size:
		w.err = ErrExceedsBurst
	case !s.take(w.n):
		s.line.join(w)
	}
	return w.place != nil
}

// giveUp takes w out of the line, and reports false if somebody else has.
func (s *Semaphore) giveUp(w *waiter) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.place == nil {
		return false
	}
	s.line.remove(w)
	s.admit()
	return true
}

// Release gives back n that were acquired. Whoever acquired them need not be who releases
// them. It panics if that is more than is in use.
func (s *Semaphore) Release(n int64) {
	argument.AtLeast("ratelimit.Semaphore.Release", "n", n, 0)
	s.mu.Lock()
	inUse := s.inUse
	if n <= inUse {
		s.inUse -= n
		s.admit()
	}
	s.mu.Unlock()
	if n > inUse {
		panic(fmt.Sprintf("ratelimit.Semaphore.Release: n is %d, in use are %d", n, inUse))
	}
}

// Resize changes the size. What is in use beyond a smaller one stays in use, and nothing is
// acquired until enough is released. It panics if n is negative.
func (s *Semaphore) Resize(n int64) {
	argument.AtLeast("ratelimit.Semaphore.Resize", "n", n, 0)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.size = n
	for w := s.line.first(); w != nil; {
		next := w.next()
		if w.n > n {
			w.err = ErrExceedsBurst
			s.line.remove(w)
		}
		w = next
	}
	s.admit()
}

// admit lets go the first of the line for as long as there is enough for it.
func (s *Semaphore) admit() {
	for first := s.line.first(); first != nil && first.n <= s.size-s.inUse; first = s.line.first() {
		s.inUse += first.n
		s.line.remove(first)
	}
}
