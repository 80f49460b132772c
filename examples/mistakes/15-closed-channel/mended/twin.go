// Package twin sends what two sources have into one channel.
package twin

import "sync"

// Merge starts a sender for each source, and a goroutine that waits for them: it closes.
func Merge(first, second <-chan int) <-chan int {
	out := make(chan int)
	var senders sync.WaitGroup
	for _, source := range []<-chan int{first, second} {
		senders.Go(func() {
			for v := range source {
				out <- v
			}
		})
	}
	go func() {
		senders.Wait()
		close(out)
	}()
	return out
}
