// Command broken answers each request on a goroutine of its own, and recovers from panics: in
// main, which sees those of its own goroutine and no others.
package main

import (
	"fmt"
	"sync"
)

func main() {
	defer func() {
		if p := recover(); p != nil {
			fmt.Println("recovered from", p)
		}
	}()
	var all sync.WaitGroup
	for _, people := range []int{2, 0, 3} {
		all.Go(func() { _ = share(people) })
	}
	all.Wait()
	fmt.Println("the server is still there")
}

// share is how much of the cake each of so many people gets.
func share(people int) int { return 360 / people }
