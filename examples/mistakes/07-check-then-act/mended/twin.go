// Package twin sells tickets, for as long as there are any.
package twin

import "sync"

// A Shop locks whatever it does with its tickets.
type Shop struct {
	mu      sync.Mutex // guards tickets
	tickets int
}

func (s *Shop) Left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tickets
}

// take checks and acts under one lock.
func (s *Shop) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tickets == 0 {
		return false
	}
	s.tickets--
	return true
}

// Buy takes the ticket first. The lock is not held while the customer pays: others would wait.
func (s *Shop) Buy(pay func()) bool {
	if !s.take() {
		return false
	}
	pay()
	return true
}
