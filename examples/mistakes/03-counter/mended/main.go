// Command mended counts visits under a lock: nobody is between another's read and write.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var mu sync.Mutex // guards visits
	visits := 0
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			visits++
		})
	}
	all.Wait()
	fmt.Println(visits, "of 1000 visits")
}
