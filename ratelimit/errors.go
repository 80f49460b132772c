package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrExceedsBurst refuses what is more than may ever happen at once: than the burst of a
// [Limiter], the n of a [Window], the size of a [Semaphore].
var ErrExceedsBurst = errors.New("ratelimit: more at once than the limit ever admits")

// ErrNever refuses to wait for a limiter that has spent its burst and never refills.
var ErrNever = errors.New("ratelimit: the burst is spent and the rate never refills it")

// WaitError refuses a wait that would outlast the deadline of its context. Nothing was
// taken. To errors.Is it is a [context.DeadlineExceeded], as the wait would have ended in one.
type WaitError struct {
	Needed time.Duration // how long the wait would have been
}

func (e *WaitError) Error() string {
	return fmt.Sprintf("ratelimit: the wait of %v would outlast the context's deadline", e.Needed)
}

// Is reports whether target is [context.DeadlineExceeded].
func (e *WaitError) Is(target error) bool { return target == context.DeadlineExceeded }

// Timeout returns true, as that of [context.DeadlineExceeded] does: it makes net/http's errors say so, too.
func (e *WaitError) Timeout() bool { return true }
