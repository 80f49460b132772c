package firstanswer

import (
	"context"
	"errors"
	"io"
)

type outcome struct {
	answer io.ReadCloser
	err    error
}

// Leaking is the version that people write first. The channel has room for everybody, so nobody
// hangs in a send, as in naive.go. Failures are sent, too, so there is always something to
// receive; and the caller can leave.
//
// What leaks are the losers. They are not told that they have lost: each runs until it has an
// answer, or for ever, holding its connection. The answer goes into the channel and stays there,
// open, where nobody can reach it. And nothing catches a panic, which ends the program, or
// runtime.Goexit, which ends the sender without having sent.
func Leaking(ctx context.Context, replicas []string, ask Ask) (io.ReadCloser, error) {
	outcomes := make(chan outcome, len(replicas))
	for _, replica := range replicas {
		go func() {
			answer, err := ask(ctx, replica)
			outcomes <- outcome{answer, err} // never waits
		}()
	}
	var failures []error
	for range replicas {
		select {
		case o := <-outcomes:
			if o.err == nil {
				return o.answer, nil
			}
			failures = append(failures, o.err)
		case <-ctx.Done(): // whoever is being asked still may not have noticed
			return nil, context.Cause(ctx)
		}
	}
	return nil, errors.Join(failures...) // nil, when there are no replicas
}
