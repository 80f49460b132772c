package exercise

import (
	"context"
	"errors"
	"sync"
)

// First returns the first answer.
func First(ctx context.Context, asks ...func(context.Context) (string, error)) (string, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	answers := make(chan string, 1) // room for the winner; the others go without
	errs := make([]error, len(asks))
	var running sync.WaitGroup
	for i, ask := range asks {
		running.Go(func() {
			answer, err := ask(ctx)
			if err != nil {
				errs[i] = err
				return
			}
			select {
			case answers <- answer:
			default:
			}
		})
	}
	running.Wait()
	select {
	case answer := <-answers:
		return answer, nil
	default:
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return "", errors.Join(errs...)
}
