// Command broken starts a goroutine for each file, and all of them append to one
// slice. Two that append at once write the same place, or one of them a slice that
// is no longer in use: sums are lost, and now and then the number is right.
package main

import (
	"crypto/sha256"
	"fmt"
	"sync"
)

// region broken
func hashAll(files []string) (sums []string) {
	var all sync.WaitGroup
	for _, file := range files {
		all.Go(func() { sums = append(sums, hash(file)) })
	}
	all.Wait()
	return sums
}

// endregion

func hash(file string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(file)))[:8] }

func main() {
	files := []string{"a", "b", "c", "d", "e"}
	fmt.Println(len(hashAll(files)), "of", len(files))
}
