package probe

import (
	"sync"
	"time"
)

// Room is what a channel has room for, in every language.
const Room = 128

// Channel has one goroutine send n numbers to another, and returns how long that took and the sum
// of what has arrived.
func Channel(n int) (took time.Duration, sum int) {
	began := time.Now()
	numbers := make(chan int, Room)
	var sender sync.WaitGroup
	sender.Go(func() {
		defer close(numbers)
		for i := range n {
			numbers <- i
		}
	})
	for i := range numbers {
		sum += i
	}
	sender.Wait()
	return time.Since(began), sum
}
