//go:build exercises

package exercise

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// send sends the numbers from first to last, with a pause before each but the first.
func send(in chan<- int, pause time.Duration, first, last int) {
	for i := first; i <= last; i++ {
		if i > first {
			time.Sleep(pause) // of fake time
		}
		in <- i
	}
}

// collect says which batches came, and when.
func collect(batches <-chan []int) (seen string) {
	start := time.Now()
	var all [][]int
	var times []time.Duration
	for batch := range batches {
		all = append(all, batch)
		times = append(times, time.Since(start))
	}
	for i := range all { // not before the end: nothing may have changed
		seen += fmt.Sprint(all[i], " after ", times[i], "; ")
	}
	return seen
}

func check(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("\ncame   %s\nwanted %s", got, want)
	}
}

func TestSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := make(chan int)
		go func() {
			send(in, 0, 1, 7)
			close(in)
		}()
		check(t, collect(Batch(context.Background(), in, 3, time.Second)), "[1 2 3] after 0s; [4 5 6] after 0s; [7] after 0s; ")
	})
}

// A value comes each 400ms. That does not put off the first, which is a second old after a second.
func TestAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := make(chan int)
		go func() {
			send(in, 400*time.Millisecond, 1, 5)
			close(in)
		}()
		check(t, collect(Batch(t.Context(), in, 100, time.Second)), "[1 2 3] after 1s; [4 5] after 1.6s; ")
	})
}

// The age is that of the value, not of the pause before it; and of nothing there is no batch.
func TestAgeAfterSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := make(chan int)
		go func() {
			time.Sleep(2500 * time.Millisecond) // of fake time
			send(in, 0, 1, 3)                   // a full batch, so that the next one's age is not that of the first
			time.Sleep(700 * time.Millisecond)  // of fake time
			send(in, 0, 4, 5)
			time.Sleep(time.Minute) // of fake time
			close(in)
		}()
		check(t, collect(Batch(t.Context(), in, 3, time.Second)), "[1 2 3] after 2.5s; [4 5] after 4.2s; ")
	})
}

func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		silent := make(chan int)
		batches := Batch(ctx, silent, 2, time.Hour)
		silent <- 1
		time.AfterFunc(time.Second, cancel)
		check(t, collect(batches), "")
	})
}

// A goroutine that does not end is found when the test returns.
func TestNobodyReceives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		in := make(chan int)
		Batch(ctx, in, 1, time.Hour)
		in <- 1
		synctest.Wait()
		cancel()
	})
}
