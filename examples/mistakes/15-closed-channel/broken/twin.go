// Package twin sends what two sources have into one channel.
package twin

// Merge starts a sender for each source. Each closes the channel when its source is at an
// end, as is right for one that is alone. The other one then sends on a closed channel, or
// closes it once more.
func Merge(first, second <-chan int) <-chan int {
	out := make(chan int)
	for _, source := range []<-chan int{first, second} {
		go func() {
			defer close(out)
			for v := range source {
				out <- v
			}
		}()
	}
	return out
}
