package exercise

import "context"

func First(ctx context.Context, asks ...func(context.Context) (string, error)) (string, error) {
	return "", nil
}
