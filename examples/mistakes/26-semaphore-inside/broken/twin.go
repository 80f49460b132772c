// Package twin does something to every file, to at most four at once.
package twin

import (
	"iter"
	"sync"
)

// ForEach starts a goroutine for each file at once. Four of them work; all the others wait for
// a seat, each with its stack. Files that come faster than they are done fill the memory.
func ForEach(files iter.Seq[string], do func(file string)) {
	seats := make(chan struct{}, 4)
	var all sync.WaitGroup
	for file := range files {
		all.Go(func() {
			seats <- struct{}{}
			defer func() { <-seats }()
			do(file)
		})
	}
	all.Wait()
}
