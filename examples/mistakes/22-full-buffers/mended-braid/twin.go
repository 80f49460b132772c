// Package twin squares numbers, four at once.
package twin

import (
	"context"

	"github.com/braidgo/braid/fanout"
)

// Squares puts each square where its number was: there is no channel that could be full.
func Squares(numbers []int) []int {
	squares, err := fanout.Map(context.Background(), 4, numbers, square)
	if err != nil {
		panic(err) // square returns none
	}
	return squares
}

func square(_ context.Context, n int) (int, error) { return n * n, nil }
