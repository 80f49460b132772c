// Command 02-channels hands values from one goroutine to another. Who sends says when it is over.
package main

import (
	"fmt"
	"sync"
)

// count returns what it can only receive from. Its goroutine is the only one that sends, so it
// is the one that closes: a channel is closed to say that no more will come, by the sender, once.
func count(n int) <-chan int {
	numbers := make(chan int)
	go func() {
		defer close(numbers)
		for i := range n {
			numbers <- i // waits until somebody receives
		}
	}()
	return numbers
}

func main() {
	// range receives until the channel is closed. Without close it would wait for ever.
	for n := range count(3) {
		fmt.Println("received", n)
	}

	// What was sent before close can still be received. After that, a receive returns at once,
	// with a zero and false: that is how to tell a zero that was sent from the end.
	rest := make(chan int, 2) // with room for two: so many sends need not wait
	rest <- 0
	close(rest)
	for range 2 {
		n, ok := <-rest
		fmt.Println("received", n, ok)
	}

	// With several senders none of them may close, as another may still send, and that would
	// panic. So somebody waits for all of them, and then closes.
	squares := make(chan int)
	var senders sync.WaitGroup
	for n := range count(4) {
		senders.Go(func() { squares <- n * n })
	}
	go func() {
		senders.Wait()
		close(squares)
	}()

	// They come in any order, and their sum is the same.
	sum := 0
	for square := range squares {
		sum += square
	}
	fmt.Println("the sum is", sum)
}
