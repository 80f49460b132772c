// Package twin counts.
package twin

// Count sends 1, 2, ... n.
func Count(n int) <-chan int {
	numbers := make(chan int)
	go func() {
		for i := range n {
			numbers <- i + 1
		}
		close(numbers)
	}()
	return numbers
}
