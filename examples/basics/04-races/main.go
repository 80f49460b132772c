// Command 04-races has a data race that prints the right answer, and the same without the race.
package main

import (
	"fmt"
	"sync"
)

// The first who asks computes the answer, and the others find it there. With more than one
// goroutine that is a race: two use the same variable, one of them writes, and nothing makes
// one wait for the other. It does no harm that can be seen, and yet it is not right: were the
// answer a string, which is two words in memory, one of them might be seen without the other.
var cached int

func racy() int {
	if cached == 0 {
		cached = 6 * 7
	}
	return cached
}

// A lock makes one wait for the other. What was written under it is seen under it.
var (
	mu      sync.Mutex
	guarded int // by mu
)

func locked() int {
	mu.Lock()
	defer mu.Unlock()
	if guarded == 0 {
		guarded = 6 * 7
	}
	return guarded
}

// For this very case there is something ready-made. (For a counter: sync/atomic.)
var once = sync.OnceValue(func() int { return 6 * 7 })

// Testing cannot see a race, as the answers are right. The race detector sees it whenever both
// goroutines have been there, in whatever order: it knows that neither had to wait.
func main() {
	ask("racy:  ", racy)
	ask("locked:", locked)
	ask("once:  ", once)
}

func ask(name string, answer func() int) {
	var answers [2]int
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = answer() }) // no race: each has an element to itself
	}
	all.Wait()
	fmt.Println(name, answers)
}
