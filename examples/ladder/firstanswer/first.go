package firstanswer

import (
	"context"
	"errors"
	"io"
)

// An Ask asks one replica. It obeys its context, and so does reading the answer, as with the
// body of an HTTP response: when the context is dead, nothing more can be read. Whoever has
// an answer closes it.
type Ask func(ctx context.Context, replica string) (io.ReadCloser, error)

// A First asks all replicas at once and returns the first answer, which can be read as long
// as ctx lives. The others are cancelled and waited for, and what they answer all the same is
// closed. A failure is not an answer, and nor is runtime.Goexit: when all have failed, the error
// holds all of their errors. Once ctx is dead nobody is asked, and the error holds its cause. A
// panic is never lost. When First returns, nobody is being asked.
type First func(ctx context.Context, replicas []string, ask Ask) (io.ReadCloser, error)

// errNoAnswer is an error where there are no failures to be joined: without replicas, say.
var errNoAnswer = errors.New("no replica has answered")
