// Command broken is a server that recovers from panics, so that a bad request harms nobody else.
// But recover sees only the panics of its own goroutine. One that nobody recovers from, on
// whatever goroutine, ends the program.
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
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { letters[i] = name[0] })
	}
	all.Wait()
	return letters
}
