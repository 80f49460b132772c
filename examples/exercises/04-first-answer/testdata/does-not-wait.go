package exercise

import (
	"context"
	"errors"
)

type reply struct {
	index  int
	answer string
	err    error
}

// It has room for all replies, so nobody is left behind for ever; only for a while.
func First(ctx context.Context, asks ...func(context.Context) (string, error)) (string, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	replies := make(chan reply, len(asks))
	for i, ask := range asks {
		go func() {
			answer, err := ask(ctx)
			replies <- reply{i, answer, err}
		}()
	}
	errs := make([]error, len(asks))
	for range asks {
		r := <-replies
		if r.err == nil {
			return r.answer, nil
		}
		errs[r.index] = r.err
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return "", errors.Join(errs...)
}
