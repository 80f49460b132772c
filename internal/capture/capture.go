// Package capture runs a callback that may return, panic or end its goroutine,
// and reports which of the three it did.
package capture

import (
	"runtime/debug"

	"github.com/braidgo/braid"
)

// Run calls f and then, exactly once and whatever f did, end:
//
//	f returned               end(nil), and Run returns
//	f panicked               end(*braid.PanicError), and Run returns
//	f called runtime.Goexit  end(braid.ErrGoexit), and the goroutine ends after it
//
// A goroutine that is ending cannot be held back, so code that must run after
// f belongs in end, not after Run.
func Run(f func(), end func(error)) {
	returned := false
	defer func() {
		if returned {
			end(nil)
		} else {
			end(Error(recover()))
		}
	}()
	f()
	returned = true
}

// Error makes an error of what recover returned to a function that was deferred
// by one that did not return. If that is nil, there is no panic: the goroutine
// is ending by runtime.Goexit. A panic that was captured before, on its way from
// another goroutine, keeps its stack, which shows where it began.
func Error(recovered any) error {
	if recovered == nil {
		return braid.ErrGoexit
	}
	if captured, ok := recovered.(*braid.PanicError); ok && captured != nil {
		return captured
	}
	return &braid.PanicError{Value: recovered, Stack: debug.Stack()}
}

// Raise panics with a captured panic, so that whoever recovers finds the stack it
// came from. net/http's ErrAbortHandler is raised as it is: the server that
// recovers it compares the value.
func Raise(captured *braid.PanicError) {
	if isAbortHandler(captured.Value) {
		panic(captured.Value)
	}
	panic(captured)
}

// isAbortHandler knows net/http's error by its text, because a package for
// goroutines should not bring an HTTP server with it. An Error method may panic, too.
func isAbortHandler(value any) (is bool) {
	defer func() { is = recover() == nil && is }()
	err, ok := value.(error)
	return ok && err.Error() == "net/http: abort Handler"
}
