package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrExceedsBurst refuses an event that is larger than all that may ever happen at once:
// the burst of a [Limiter], the n of a [Window], the size of a [Semaphore].
var ErrExceedsBurst = errors.New("ratelimit: more at once than the limit ever admits")

// ErrNever refuses to wait for a limiter that has spent its burst and never refills.
var ErrNever = errors.New("ratelimit: the burst is spent and the rate never refills it")

// WaitError refuses to wait longer than the context lives. Nothing was taken.
// errors.Is tells that it is a [context.DeadlineExceeded], which would have come of the waiting.
type WaitError struct {
	Needed time.Duration // how long the wait would have been
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("ratelimit: the wait of %v would outlast the context's deadline", e.Needed)
}

// Is reports whether target is [context.DeadlineExceeded].
func (e *WaitError) Is(target error) bool { return target == context.DeadlineExceeded }
