// Command broken counts visits. "visits++" is three steps: read, add, write. Whoever reads
// between another's read and write loses one of the two visits.
package main

import (
	"fmt"
	"sync"
)

func main() {
	visits := 0
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() { visits++ })
	}
	all.Wait()
	fmt.Println(visits, "of 1000 visits")
}
