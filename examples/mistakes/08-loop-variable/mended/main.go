// Command mended greets everybody: since Go 1.22 each round of the loop has variables of its own.
package main

import (
	"fmt"
	"sync"
)

func main() {
	names := []string{"Ada", "Bob", "Cyd"}
	greetings := make([]string, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { greetings[i] = "Hello, " + name })
	}
	all.Wait()
	fmt.Println(greetings)
}
