// Command mended-braid answers requests on a pool: a panic in a task whose result somebody waits
// for is that result's error.
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/workerpool"
)

func main() {
	ctx := context.Background()
	pool := workerpool.New(8)
	defer pool.Close()
	for _, people := range []int{2, 0, 3} {
		answer := workerpool.Go(ctx, pool, func(context.Context) (int, error) { return share(people), nil })
		_, err := answer.Wait(ctx)
		if p := new(braid.PanicError); errors.As(err, &p) { // it has the stack as well
			fmt.Printf("a cake for %d: %v\n", people, p.Value)
		}
	}
	fmt.Println("the server is still there")
}

// share is how much of the cake each of so many people gets.
func share(people int) int { return 360 / people }
