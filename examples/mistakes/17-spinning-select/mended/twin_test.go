//go:build mistakes

package twin

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestSum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		numbers := make(chan int, 2)
		numbers <- 3
		numbers <- 4
		close(numbers)
		if sum := Sum(numbers); sum != 7 {
			t.Errorf("3 + 4 = %d", sum)
		}
	})
}

func TestNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		numbers := make(chan int)
		go func() {
			time.Sleep(time.Second) // fake time: it moves on when everybody waits
			numbers <- 3
		}()
		if n := Next(numbers); n != 3 {
			t.Errorf("3 = %d", n)
		}
	})
}
