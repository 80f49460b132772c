//go:build mistakes

// Command broken sends mails, and adds each to the WaitGroup on the new goroutine. Wait may
// come before the first of them, and then there is nothing to wait for.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

func main() {
	var sent atomic.Int64
	var all sync.WaitGroup
	for range 3 {
		go func() {
			all.Add(1)
			defer all.Done()
			sent.Add(1)
		}()
	}
	all.Wait()
	fmt.Println(sent.Load(), "of 3 mails are sent")
}
