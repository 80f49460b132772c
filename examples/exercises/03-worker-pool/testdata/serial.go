package exercise

import "context"

func Run(ctx context.Context, workers int, tasks <-chan func(context.Context)) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case task, open := <-tasks:
			if !open || ctx.Err() != nil {
				return context.Cause(ctx)
			}
			task(ctx)
		}
	}
}
