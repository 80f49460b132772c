// Command mended answers each request on a goroutine of its own, and recovers there.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var all sync.WaitGroup
	for _, people := range []int{2, 0, 3} {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					fmt.Printf("a cake for %d: %v\n", people, p)
				}
			}()
			_ = share(people)
		})
	}
	all.Wait()
	fmt.Println("the server is still there")
}

// share is how much of the cake each of so many people gets.
func share(people int) int { return 360 / people }
