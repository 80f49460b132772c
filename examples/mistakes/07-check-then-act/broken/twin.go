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

func (s *Shop) take() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tickets--
}

// Buy checks, and then acts. Each is locked, and between the two the shop is open to others.
func (s *Shop) Buy(pay func()) bool {
	if s.Left() == 0 {
		return false
	}
	pay()
	s.take()
	return true
}
