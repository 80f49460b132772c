package probe

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Alive is what a number of tasks took that were all alive at once.
type Alive struct {
	Count   int           // how many there were
	Took    time.Duration // until all were alive
	Bytes   int64         // of memory, while all were alive, above what there was before
	Stopped string        // why there are fewer than were asked for
}

// lookEvery is how many tasks are started between two looks at the memory.
const lookEvery = 10_000

// Goroutines starts count goroutines, each of which says that it is there and then blocks, until
// all of them have been counted. It stops when they need more than budget bytes.
func Goroutines(count int, budget int64) (a Alive) {
	runtime.GC()
	before, began := Resident(), time.Now()
	gate := make(chan struct{}) // closed when they have been counted
	var there, all sync.WaitGroup
	for a.Count < count {
		if a.Count%lookEvery == 0 && Resident()-before > budget {
			a.Stopped = fmt.Sprintf("the budget of %d MB of memory", budget/1e6)
			break
		}
		there.Add(1)
		all.Go(func() {
			there.Done()
			<-gate
		})
		a.Count++
	}
	there.Wait()
	a.Took, a.Bytes = time.Since(began), Resident()-before
	close(gate)
	all.Wait()
	return a
}
