//go:build exercises

package exercise

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A consumer that takes an hour for each number gets all of them.
func TestNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		squares := Square(ctx, Count(ctx))
		for i := 1; i <= 5; i++ {
			time.Sleep(time.Hour) // of fake time
			if got := <-squares; got != i*i {
				t.Errorf("number %d is %d instead of %d", i, got, i*i)
			}
		}
	})
}

// A goroutine that does not end is found when the test returns.
func TestLeavesEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		squares := Square(ctx, Count(ctx))
		<-squares
		cancel()
	})
}

func TestClosesWhenCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		numbers := Count(ctx)
		silent := make(chan int) // nobody will ever send on it
		squares := Square(ctx, silent)
		cancel()
		synctest.Wait()
		for range numbers {
		}
		for range squares {
		}
	})
}

func TestClosesAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := make(chan int, 2)
		in <- 3
		in <- 4
		close(in)
		sum := 0
		for n := range Square(t.Context(), in) {
			sum += n
		}
		if sum != 25 {
			t.Errorf("the sum of the squares of 3 and 4 is %d instead of 25", sum)
		}
	})
}

func TestDoesNotRunAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		in := make(chan int, 100)
		for i := range 100 {
			in <- i
		}
		squares := Square(ctx, in)
		<-squares
		synctest.Wait()
		if taken := 100 - len(in); taken > 2 {
			t.Errorf("the consumer has one square, and Square has run ahead: it has taken %d numbers", taken)
		}
	})
}
