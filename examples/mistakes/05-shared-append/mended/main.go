// Command mended gives each file a place of its own in the result, and waits.
package main

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/braidgo/braid/workerpool"
)

// region mended
func hashAll(ctx context.Context, pool *workerpool.Pool,
	files []string) ([]string, error) {
	sums := make([]string, len(files))
	group := pool.Group(ctx)
	for i, file := range files {
		group.Go(func(context.Context) error {
			sums[i] = hash(file)
			return nil
		})
	}
	return sums, group.Wait()
}

// endregion

func hash(file string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(file)))[:8] }

func main() {
	pool := workerpool.New(4)
	defer pool.Close()
	files := []string{"a", "b", "c", "d", "e"}
	sums, err := hashAll(context.Background(), pool, files)
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
