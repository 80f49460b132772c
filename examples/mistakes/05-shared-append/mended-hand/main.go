// Command mended-hand gives each file a place of its own in the result, and waits.
package main

import (
	"crypto/sha256"
	"fmt"
	"sync"
)

func hashAll(files []string) []string {
	sums := make([]string, len(files))
	var all sync.WaitGroup
	for i, file := range files {
		all.Go(func() { sums[i] = hash(file) }) // nobody else writes this element
	}
	all.Wait()
	return sums
}

func hash(file string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(file)))[:8] }

func main() {
	files := []string{"a", "b", "c", "d", "e"}
	there := 0
	for _, sum := range hashAll(files) {
		if sum != "" {
			there++
		}
	}
	fmt.Println(there, "of", len(files))
}
