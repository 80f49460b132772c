// Package twin adds up the sizes of all files in a tree, two folders at once.
package twin

import (
	"context"
	"sync/atomic"

	"github.com/braidgo/braid/workerpool"
)

type Folder struct {
	Bytes   int
	Folders []Folder
}

func Size(root Folder) int {
	pool := workerpool.New(2)
	defer pool.Close()
	var sum atomic.Int64
	add(context.Background(), pool, root, &sum)
	return int(sum.Load())
}

// add waits for tasks, and is one itself. The context it hands on tells the pool so, and while
// it waits its place is used for what it waits for.
func add(ctx context.Context, pool *workerpool.Pool, folder Folder, sum *atomic.Int64) error {
	sum.Add(int64(folder.Bytes))
	inside := pool.Group(ctx)
	for _, inner := range folder.Folders {
		inside.Go(func(ctx context.Context) error { return add(ctx, pool, inner, sum) })
	}
	return inside.Wait()
}
