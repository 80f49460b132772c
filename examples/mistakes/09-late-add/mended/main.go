// Command mended sends mails. WaitGroup.Go adds before it starts the goroutine.
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
		all.Go(func() { sent.Add(1) })
	}
	all.Wait()
	fmt.Println(sent.Load(), "of 3 mails are sent")
}
