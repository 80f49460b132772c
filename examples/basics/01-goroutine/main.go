// Command 01-goroutine does three things at the same time, and waits until all of them are done.
package main

import (
	"fmt"
	"sync"
	"time"
)

func main() {
	// A go statement starts a function on a goroutine of its own, and waits for nothing: the
	// next line runs at once. When main returns the program ends, and this goroutine with it.
	go func() {
		time.Sleep(time.Hour)
		fmt.Println("nobody reads this")
	}()

	// A WaitGroup starts goroutines with Go, and Wait waits for all of them. They run in any
	// order, and at the same time: three times 50 ms are over after 50.
	start := time.Now()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { time.Sleep(50 * time.Millisecond) })
	}
	all.Wait()
	fmt.Println("3 naps of 50ms took about", time.Since(start).Round(10*time.Millisecond))

	// A goroutine cannot return anything. Here each has an element of a slice to itself, so
	// that no two write to the same place, and the results are in the order of the words.
	words := []string{"one", "three", "eleven"}
	lengths := make([]int, len(words))
	for i, word := range words {
		all.Go(func() { lengths[i] = len(word) }) // i and word are new ones in each round
	}

	// Before Wait nobody may look at the slice: the goroutines may still be writing.
	all.Wait()
	fmt.Println(words, "have", lengths, "letters")
}
