//go:build mistakes

// Package twin waits for numbers, and takes a whole processor for it.
package twin

import "time"

// Sum adds numbers up until the channel is closed, or none has come for a minute. The break
// leaves the select, not the loop; and to receive from a closed channel never waits.
func Sum(numbers <-chan int) (sum int) {
	for {
		select {
		case n, ok := <-numbers:
			if !ok {
				break
			}
			sum += n
		case <-time.After(time.Minute):
			return sum
		}
	}
}

// Next returns the number that comes next. A select with a default never waits: it looks
// whether the number is there, over and over.
func Next(numbers <-chan int) int {
	for {
		select {
		case n := <-numbers:
			return n
		default:
		}
	}
}
