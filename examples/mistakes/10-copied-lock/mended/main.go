// Command mended counts visits under a lock that is never copied.
package main

import (
	"fmt"
	"sync"
)

type counter struct {
	mu     sync.Mutex // guards visits
	visits map[string]int
}

func (c *counter) Visit(page string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.visits[page]++
}

func main() {
	c := counter{visits: make(map[string]int)}
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() { c.Visit("/") }) // the function uses the variables themselves
	}
	all.Wait()
	fmt.Println(c.visits["/"], "of 100 visits")
}
