// Command broken counts the words of several pages in one map, on a goroutine for each page.
// A map that two goroutines write can break: Go ends the program when it notices.
package main

import (
	"fmt"
	"strings"
	"sync"
)

func count(pages []string) map[string]int {
	words := make(map[string]int)
	var all sync.WaitGroup
	for _, page := range pages {
		all.Go(func() {
			for word := range strings.FieldsSeq(page) {
				words[word]++
			}
		})
	}
	all.Wait()
	return words
}

func main() {
	fmt.Println(count([]string{"to be", "or not", "to be"}))
}
