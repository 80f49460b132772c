package firstanswer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"
)

var errAnswered = errors.New("a replica has answered")

// Errgroup turns golang.org/x/sync round: a group ends with the first error, so an answer is
// returned as one, and a failure as none. The group cancels the losers and waits for them.
//
// What it cannot survive: all share the group's context, which dies with the answer, and then
// the answer cannot be read. Whoever reads it at once, within ask, is spared that. A panic ends
// the program. A replica that calls runtime.Goexit has neither failed nor answered: if nobody
// else has, errNoAnswer saves the caller from an answer that is nil, and says no more.
func Errgroup(ctx context.Context, replicas []string, ask Ask) (io.ReadCloser, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	group, groupCtx := errgroup.WithContext(ctx)
	var mu sync.Mutex // guards both:
	var winner io.ReadCloser
	failures := []error{errNoAnswer}
	for _, replica := range replicas {
		group.Go(func() error {
			answer, err := ask(groupCtx, replica)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				failures = append(failures, fmt.Errorf("%s: %w", replica, err))
				return nil // the others go on
			case winner != nil:
				answer.Close() // too late
				return nil
			}
			winner = answer
			return errAnswered
		})
	}
	if group.Wait() != nil {
		return winner, nil
	}
	return nil, errors.Join(append(failures, context.Cause(ctx))...) // which is nil while ctx lives
}
