// Command mended keeps scores, and locks them wherever it uses them. All returns a copy, which is
// made under the lock and belongs to the caller alone.
package main

import (
	"fmt"
	"maps"
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
	return maps.Clone(s.points)
}

func main() {
	s := &scores{points: map[string]int{"Ada": 3}}
	all := s.All()
	var setting sync.WaitGroup
	setting.Go(func() { s.Set("Bob", 4) })
	fmt.Println("Ada has", all["Ada"])
	setting.Wait()
}
