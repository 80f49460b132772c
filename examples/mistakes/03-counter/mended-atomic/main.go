// Command mended-atomic counts visits in one step, which is enough for a number that depends
// on nothing else.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

func main() {
	var visits atomic.Int64
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() { visits.Add(1) })
	}
	all.Wait()
	fmt.Println(visits.Load(), "of 1000 visits")
}
