package exercise

import "context"

func Map(ctx context.Context, workers int, in []int, f func(context.Context, int) (int, error)) ([]int, error) {
	out := make([]int, len(in))
	for i, n := range in {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var err error
		if out[i], err = f(ctx, n); err != nil {
			return nil, err
		}
	}
	return out, nil
}
