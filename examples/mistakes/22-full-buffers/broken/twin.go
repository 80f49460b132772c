// Package twin squares numbers, four at once.
package twin

// Squares sends all numbers, and then receives all squares. While it sends, nobody receives:
// the squares fill their buffer, then each goroutine waits with one, then the numbers fill
// theirs. 204 numbers have room; with one more, everybody waits. A larger buffer moves the number.
func Squares(numbers []int) (squares []int) {
	jobs, results := make(chan int, 100), make(chan int, 100)
	for range 4 {
		go func() {
			for n := range jobs {
				results <- n * n
			}
		}()
	}
	for _, n := range numbers {
		jobs <- n
	}
	close(jobs)
	for range numbers {
		squares = append(squares, <-results)
	}
	return squares
}
