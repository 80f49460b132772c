// Command closed sends on a channel that was closed: one of two senders says that no more will come.
package main

import "fmt"

func main() {
	numbers := make(chan int, 8)
	for range 2 {
		numbers <- 1
		close(numbers)
	}
	sum := 0
	for n := range numbers {
		sum += n
	}
	fmt.Println(sum, "of", 2)
}
