//go:build go1.21 && mistakes

// Command broken greets everybody in the Go of before 1.22, as its first line says: there is one
// variable i and one variable name for the whole loop, and all goroutines use them. For most code
// it is go.mod that says which Go this is; look there before you trust a loop.
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
		all.Add(1)
		go func() {
			defer all.Done()
			greetings[i] = "Hello, " + name
		}()
	}
	all.Wait()
	fmt.Println(greetings)
}
