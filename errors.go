package braid

import (
	"errors"
	"fmt"
)

// PanicError is a panic of a callback, as whoever waits for the callback gets it,
// mostly on another goroutine.
type PanicError struct {
	Value any    // what was passed to panic
	Stack []byte // the stack of the goroutine that panicked, as runtime/debug.Stack prints it
}

// Error returns the panic's value followed by the stack it came from.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack) }

// Unwrap returns the panic's value when that is an error, so that errors.Is
// and errors.As see through the panic, and nil otherwise.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// ErrGoexit is the error of a callback that ended its goroutine with
// [runtime.Goexit] instead of returning. testing.T.FailNow and
// testing.T.SkipNow do that, too.
var ErrGoexit = errors.New("braid: the callback called runtime.Goexit")

// ErrKey refuses a key that no map could find again: one that does not equal
// itself, such as NaN, or that holds, in an interface, something that cannot be
// compared, such as a slice.
var ErrKey = errors.New("braid: the key cannot be compared with itself")
