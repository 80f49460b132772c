package exercise

import (
	"context"
	"errors"
	"time"
)

// First returns the first answer.
func First(ctx context.Context, asks ...func(context.Context) (string, error)) (string, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	answers := make(chan string, 1) // room for the winner; the others go without
	errs := make([]error, len(asks))
	for i, ask := range asks {
		go func() {
			answer, err := ask(ctx)
			if err != nil {
				errs[i] = err
				return
			}
			select {
			case answers <- answer:
				cancel(nil)
			default:
			}
		}()
	}
	select {
	case answer := <-answers:
		time.Sleep(5 * time.Second) // the losers must have tidied up by then
		return answer, nil
	case <-time.After(10 * time.Second):
	}
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
