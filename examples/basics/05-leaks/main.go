// Command 05-leaks leaves goroutines behind, and shows two ways to notice.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"
)

// leaky returns when the time is over. The goroutine then has an answer that nobody will
// receive, and waits for ever; what it holds is never freed, and each call leaves one more.
func leaky() {
	answer := make(chan int)
	go func() { answer <- 42 }()
	<-time.After(0) // the time is over at once
}

// tidy has a way out for its goroutine, the context, and waits until it has been taken.
func tidy() {
	ctx, cancel := context.WithCancel(context.Background())
	answer := make(chan int)
	var all sync.WaitGroup
	all.Go(func() {
		select {
		case answer <- 42:
		case <-ctx.Done():
		}
	})
	<-time.After(0)
	cancel()
	all.Wait()
}

func main() {
	// The first way: count them, before and after. A test does it with go.uber.org/goleak,
	// or runs in a bubble of testing/synctest, which does not end while a goroutine waits.
	for range 3 {
		tidy()
	}
	fmt.Println("goroutines after tidy: ", runtime.NumGoroutine())
	for range 3 {
		leaky()
	}
	fmt.Println("goroutines after leaky:", runtime.NumGoroutine())

	// The second way needs no before: the profile lists those that wait for something that
	// nobody who still runs can reach. In a service, net/http/pprof shows it.
	if profile := pprof.Lookup("goroutineleak"); profile != nil {
		for profile.Count() < runtime.NumGoroutine()-1 { // the last may not yet wait
			_ = profile.WriteTo(io.Discard, 0) // this looks for them; Count does not
		}
		_ = profile.WriteTo(os.Stdout, 1)
	}
}
