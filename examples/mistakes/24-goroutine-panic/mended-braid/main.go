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

	requests := []int{2, 0, 3}
	var futures []*workerpool.Future[int]
	for _, people := range requests {
		futures = append(futures, workerpool.Go(ctx, pool, func(context.Context) (int, error) { return share(people), nil }))
	}

	answers := make([]int, len(requests))
	for i, future := range futures {
		answer, err := future.Wait(ctx)
		if p := new(braid.PanicError); errors.As(err, &p) { // it has the stack as well
			fmt.Printf("a cake for %d: %v\n", requests[i], p.Value)
		}
		answers[i] = answer
	}
	fmt.Println("the answers:", answers)
}

// share is how many degrees of the cake each of so many people gets.
func share(people int) int { return 360 / people }
