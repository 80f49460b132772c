// Package twin squares numbers, four at once.
package twin

// Squares sends on a goroutine, and receives meanwhile. It needs no buffer.
func Squares(numbers []int) (squares []int) {
	jobs, results := make(chan int), make(chan int)
	for range 4 {
		go func() {
			for n := range jobs {
				results <- n * n
			}
		}()
	}
	go func() {
		defer close(jobs)
		for _, n := range numbers {
			jobs <- n
		}
	}()
	for range numbers {
		squares = append(squares, <-results)
	}
	return squares
}
