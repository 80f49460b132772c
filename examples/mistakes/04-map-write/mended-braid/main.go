// Command mended-braid makes a map for each page, eight at once, and adds them up at the end:
// nothing is shared, so there is nothing to lock.
package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/braidgo/braid/fanout"
)

func count(ctx context.Context, pages []string) (map[string]int, error) {
	counts, err := fanout.Map(ctx, 8, pages, countPage)
	words := make(map[string]int)
	for _, count := range counts {
		for word, n := range count {
			words[word] += n
		}
	}
	return words, err
}

func countPage(_ context.Context, page string) (map[string]int, error) {
	words := make(map[string]int)
	for word := range strings.FieldsSeq(page) {
		words[word]++
	}
	return words, nil
}

func main() {
	words, err := count(context.Background(), []string{"to be", "or not", "to be"})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(words)
}
