package exercise

import "context"

func Map(ctx context.Context, workers int, in []int, f func(context.Context, int) (int, error)) ([]int, error) {
	return nil, nil
}
