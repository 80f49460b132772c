//go:build mistakes

package twin

import (
	"testing"
	"testing/synctest"
)

// The first source is empty. The second is not: its sender waits for somebody who receives.
func TestOneIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := Merge(source(), source(1))
		synctest.Wait() // until both have come as far as they can
		for range out {
		}
	})
}

func TestBothAreDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range Merge(source(), source()) {
		}
		synctest.Wait()
	})
}

func source(values ...int) <-chan int {
	c := make(chan int, len(values))
	for _, v := range values {
		c <- v
	}
	close(c)
	return c
}
