// Command mended is a server that recovers from panics, on whatever goroutine. Each goroutine
// hands its panic over, and whoever waits for them panics with it. The stack is not handed over:
// it shows where it was raised last.
package main

import (
	"fmt"
	"sync"
)

func main() {
	serve([]string{"Ada", ""}) // nobody has thought of empty names
	serve([]string{"Ada", "Bob"})
}

func serve(names []string) {
	defer func() {
		if recover() != nil {
			fmt.Println("500 Internal Server Error")
		}
	}()
	fmt.Println("200 OK", string(initials(names)))
}

func initials(names []string) []byte {
	letters := make([]byte, len(names))
	panics := make(chan any, len(names)) // room for all: nobody waits to hand one over
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panics <- p
				}
			}()
			letters[i] = name[0]
		})
	}
	all.Wait()
	if len(panics) > 0 {
		panic(<-panics)
	}
	return letters
}
