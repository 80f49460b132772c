// Command checkact sells the last ticket more than once. Each step holds the lock; between the
// check and the act it does not.
package main

import (
	"fmt"
	"sync"
	"time"
)

type shop struct {
	mu            sync.Mutex
	tickets, sold int
}

func (s *shop) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tickets
}

func (s *shop) sell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tickets--
	s.sold++
}

func main() {
	s := shop{tickets: 1}
	var customers sync.WaitGroup
	for range 8 {
		customers.Go(func() {
			if s.left() > 0 {
				time.Sleep(10 * time.Millisecond) // the payment
				s.sell()
			}
		})
	}
	customers.Wait()
	fmt.Println(s.sold, "of", 1)
}
