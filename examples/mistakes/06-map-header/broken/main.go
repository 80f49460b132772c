// Command broken keeps scores, and locks them wherever it uses them. All returns the map, as
// if that were a copy; it is the same map, and whoever reads it later does so without the lock.
package main

import (
	"fmt"
	"sync"
)

type scores struct {
	mu     sync.Mutex // guards points
	points map[string]int
}

func (s *scores) Set(name string, points int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.points[name] = points
}

func (s *scores) All() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.points
}

func main() {
	s := &scores{points: map[string]int{"Ada": 3}}
	all := s.All()
	var setting sync.WaitGroup
	setting.Go(func() { s.Set("Bob", 4) })
	fmt.Println("Ada has", all["Ada"])
	setting.Wait()
}
