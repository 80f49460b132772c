package firstanswer

import (
	"context"
	"io"
)

// Naive takes the first answer from a channel to which everybody sends theirs.
//
// But nobody takes the second: whoever has it hangs in the send for ever, and holds it open.
// Nobody hears of a failure: when all have failed, the receiver hangs. And who is still being
// asked goes on, for the context is the caller's own, and nothing ends it when there is an
// answer.
func Naive(ctx context.Context, replicas []string, ask Ask) (io.ReadCloser, error) {
	answers := make(chan io.ReadCloser)
	for _, replica := range replicas {
		go func() {
			if answer, err := ask(ctx, replica); err == nil {
				answers <- answer // waits for a receiver, and there is one for only one of them
			}
		}()
	}
	return <-answers, nil
}
