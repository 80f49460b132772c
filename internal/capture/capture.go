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
	switch value := recovered.(type) {
	case nil:
		return braid.ErrGoexit
	case *braid.PanicError:
		return value
	default:
		return &braid.PanicError{Value: value, Stack: debug.Stack()}
	}
}

// Raise panics with a captured panic, so that whoever recovers finds the stack it
// came from. net/http's ErrAbortHandler is raised as it is: the server that
// recovers it compares the value. It is known by its text, because a package for
// goroutines should not bring an HTTP server with it.
func Raise(captured *braid.PanicError) {
	if err, ok := captured.Value.(error); ok && err.Error() == "net/http: abort Handler" {
		panic(err)
	}
	panic(captured)
}
