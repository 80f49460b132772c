// Package twin counts the files of a directory and of those below it, with two goroutines.
package twin

import (
	"context"

	"github.com/braidgo/braid/workerpool"
)

// A Dir is a directory.
type Dir struct {
	Files int
	Dirs  []Dir
}

// Files counts on two workers.
func Files(root Dir) int {
	pool := workerpool.New(2)
	defer pool.Close()
	files, err := count(context.Background(), pool, root)
	if err != nil {
		return 0
	}
	return files
}

// count gives each directory below to the pool, and waits. By the context the pool knows that it
// is one of its tasks that waits: its worker runs what it waits for.
func count(ctx context.Context, pool *workerpool.Pool, dir Dir) (int, error) {
	files := dir.Files
	for _, below := range dir.Dirs {
		counted := workerpool.Go(ctx, pool, func(ctx context.Context) (int, error) { return count(ctx, pool, below) })
		n, err := counted.Wait(ctx)
		if err != nil {
			return 0, err
		}
		files += n
	}
	return files, nil
}
