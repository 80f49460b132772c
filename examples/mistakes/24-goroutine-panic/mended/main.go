// Command mended answers each request on a goroutine of its own, and recovers there.
package main

import (
	"fmt"
	"sync"
)

func main() {
	requests := []int{2, 0, 3}
	answers := make([]int, len(requests))
	var all sync.WaitGroup
	for i, people := range requests {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					fmt.Printf("a cake for %d: %v\n", people, p)
				}
			}()
			answers[i] = share(people)
		})
	}
	all.Wait()
	fmt.Println("the answers:", answers)
}

// share is how many degrees of the cake each of so many people gets.
func share(people int) int { return 360 / people }
