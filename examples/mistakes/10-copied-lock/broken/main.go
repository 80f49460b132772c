//go:build mistakes

// Command broken counts visits under a lock, and copies the lock: a method whose receiver is
// not a pointer works on a copy of everything, and locks that.
package main

import (
	"fmt"
	"sync"
)

type counter struct {
	mu     sync.Mutex // guards visits
	visits map[string]int
}

func (c counter) Visit(page string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.visits[page]++
}

// work has a WaitGroup of its own, so that nobody hears that it is done.
func work(c *counter, all sync.WaitGroup) {
	defer all.Done()
	c.Visit("/")
}

func main() {
	c := counter{visits: make(map[string]int)}
	var all sync.WaitGroup
	for range 100 {
		all.Add(1)
		go work(&c, all)
	}
	all.Wait()
	fmt.Println(c.visits["/"], "of 100 visits")
}
