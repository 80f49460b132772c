// Command 09-when-not doubles numbers, alone and with many goroutines, and looks at the clock.
package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/braidgo/braid/fanout"
)

func main() {
	numbers := make([]int, 100_000)

	// To double a number takes about a nanosecond. To start a goroutine for it takes hundreds
	// of them, however many processors there are to run them.
	loop := measure("a loop", func() {
		for i := range numbers {
			numbers[i] *= 2
		}
	})
	each := measure("a goroutine each", func() {
		var all sync.WaitGroup
		for i := range numbers {
			all.Go(func() { numbers[i] *= 2 })
		}
		all.Wait()
	})
	fmt.Println("the loop is quicker:", loop < each)

	// Map gives many numbers at once to each processor. Even so there is nothing to gain: it
	// pays when an element takes microseconds, or waits for somebody else.
	measure("fanout.Map", func() {
		_, _ = fanout.Map(context.Background(), runtime.GOMAXPROCS(0), numbers,
			func(_ context.Context, n int) (int, error) { return 2 * n, nil })
	})
}

// measure calls f five times, and takes the best: others may be using the machine.
func measure(name string, f func()) time.Duration {
	best := time.Duration(math.MaxInt64)
	for range 5 {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	fmt.Printf("%-17s about %.1f ns a number\n", name, float64(best.Nanoseconds())/100_000)
	return best
}
