// Package twin does something to every file, to at most four at once.
package twin

import (
	"iter"
	"sync"
)

// ForEach starts a goroutine when there is a seat for it. While there is none, it does not ask
// for the next file either.
func ForEach(files iter.Seq[string], do func(file string)) {
	seats := make(chan struct{}, 4)
	var all sync.WaitGroup
	for file := range files {
		seats <- struct{}{}
		all.Go(func() {
			defer func() { <-seats }()
			do(file)
		})
	}
	all.Wait()
}
