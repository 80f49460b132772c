// Command mended counts the words of several pages in one map, and locks it for each word.
package main

import (
	"fmt"
	"strings"
	"sync"
)

func count(pages []string) map[string]int {
	var mu sync.Mutex // guards words
	words := make(map[string]int)
	var all sync.WaitGroup
	for _, page := range pages {
		all.Go(func() {
			for word := range strings.FieldsSeq(page) {
				mu.Lock()
				words[word]++
				mu.Unlock()
			}
		})
	}
	all.Wait() // from here on nobody else uses the map
	return words
}

func main() {
	fmt.Println(count([]string{"to be", "or not", "to be"}))
}
