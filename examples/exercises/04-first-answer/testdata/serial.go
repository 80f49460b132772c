package exercise

import (
	"context"
	"errors"
)

func First(ctx context.Context, asks ...func(context.Context) (string, error)) (string, error) {
	var errs []error
	for _, ask := range asks {
		answer, err := ask(ctx)
		if err == nil {
			return answer, nil
		}
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}
