package fanout

import (
	"errors"
	"fmt"
)

// IndexError says which input a callback failed on.
type IndexError struct {
	Index int   // of the input: in the slice, in the sequence from 0, among the functions, or the attempt
	Err   error // what the callback returned, braid.ErrGoexit or, in ByKey, braid.ErrKey
}

// Error returns the message of Err, with the index before it.
func (e *IndexError) Error() string { return fmt.Sprintf("input %d: %v", e.Index, e.Err) }

// Unwrap returns Err.
func (e *IndexError) Unwrap() error { return e.Err }

// Result is what f returned for one input. If Err is not nil, do not rely on Value.
type Result[R any] struct {
	Value R
	Err   error
}

var (
	// ErrClosed is the error of a Hub or a Flight that was closed.
	ErrClosed = errors.New("fanout: closed")

	// ErrSlow is the error of a subscription that [Disconnect] has ended.
	ErrSlow = errors.New("fanout: the subscriber was too slow")

	// ErrNoInput is the error of First without any input.
	ErrNoInput = errors.New("fanout: no input")

	// ErrNested is the error of a Flight.Do from within the call for the same key,
	// which would wait for itself.
	ErrNested = errors.New("fanout: a call waits for itself")

	// errDecided is the cause of the contexts of those that are no longer needed.
	errDecided = errors.New("fanout: no longer needed: the others have decided it")
)
