// Package twin counts.
package twin

// Count sends 1, 2, ... n. It declares the channel and does not make it, so that it is nil, and
// whoever sends or receives on a nil channel waits for ever.
func Count(n int) <-chan int {
	var numbers chan int
	go func() {
		for i := range n {
			numbers <- i + 1
		}
		close(numbers)
	}()
	return numbers
}
