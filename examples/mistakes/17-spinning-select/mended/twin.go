// Package twin waits for numbers.
package twin

import "time"

// Sum adds numbers up until the channel is closed, or none has come for a minute. A return
// leaves the loop; so would a break with the loop's label.
func Sum(numbers <-chan int) (sum int) {
	for {
		select {
		case n, ok := <-numbers:
			if !ok {
				return sum
			}
			sum += n
		case <-time.After(time.Minute):
			return sum
		}
	}
}

// Next returns the number that comes next. It sleeps until then: receiving is waiting.
func Next(numbers <-chan int) int { return <-numbers }
