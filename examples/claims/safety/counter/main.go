// Command counter has goroutines add to one variable without a lock. Between reading it and writing
// it they let others run, so that much is lost.
package main

import (
	"fmt"
	"runtime"
	"sync"
)

func main() {
	count := 0
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 1000 {
				now := count
				runtime.Gosched()
				count = now + 1
			}
		})
	}
	all.Wait()
	fmt.Println(count, "of", 4000)
}
