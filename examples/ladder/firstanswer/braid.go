package firstanswer

import (
	"context"
	"io"

	"github.com/braidgo/braid/fanout"
)

// Braid leaves all of it to braid's fanout. Nobody but the caller's goroutine decides there: the
// others send it what became of them, and it receives until it has heard from all. So it can
// still close the answer when a loser panics, and raise the panic. It is told what to do with
// late answers.
func Braid(ctx context.Context, replicas []string, ask Ask) (io.ReadCloser, error) {
	return fanout.First(ctx, replicas, ask, func(late io.ReadCloser) { late.Close() })
}
