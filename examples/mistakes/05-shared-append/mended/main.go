// Command mended gives each file a place of its own in the result, and waits.
package main

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/braidgo/braid/fanout"
)

// region mended
func hashAll(ctx context.Context,
	files []string) ([]string, error) {
	return fanout.Map(ctx, 8, files,
		func(_ context.Context, file string) (string, error) {
			return hash(file), nil
		})
}

// endregion

func hash(file string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(file)))[:8] }

func main() {
	files := []string{"a", "b", "c", "d", "e"}
	sums, err := hashAll(context.Background(), files)
	if err != nil {
		fmt.Println(err)
	}
	there := 0
	for _, sum := range sums {
		if sum != "" {
			there++
		}
	}
	fmt.Println(there, "of", len(files))
}
