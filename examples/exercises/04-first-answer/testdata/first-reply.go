package exercise

import "context"

type reply struct {
	index  int
	answer string
	err    error
}

// A failure is not an answer.
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
	r := <-replies
	return r.answer, r.err
}
