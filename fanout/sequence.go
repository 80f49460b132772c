package fanout

import (
	"iter"
	"sync/atomic"

	"github.com/braidgo/braid/internal/capture"
)

// drive runs the sequence of a call, on the caller's goroutine, and hands what it
// yields to take, until that returns false or the context has ended. However the
// sequence ends, by returning, by a panic or by runtime.Goexit, finish then waits
// for the workers, and what the call has come to is returned or raised.
func drive[T any](e *ending, function string, in iter.Seq[T], take func(T) bool, finish func()) (result error) {
	capture.Run(func() {
		guard(e, function, in, func(item T) bool {
			if e.over() {
				e.cutShort()
				return false
			}
			return take(item)
		})
	}, func(err error) {
		if err != nil {
			e.fail(err)
		} else if e.over() {
			e.cutShort() // who can tell whether the sequence was at its end, or has obeyed?
		}
		finish()
		result = e.result()
	})
	return result
}

// guard calls a sequence as it is, not by range, and keeps what it may do wrong
// from doing harm. What it yields after take has said no, or after it has returned,
// is not taken. Yielding on two goroutines at once panics, in whichever comes second,
// and in the call.
func guard[T any](e *ending, function string, in iter.Seq[T], take func(T) bool) {
	const open, busy, over = 0, 1, 2
	var state atomic.Int32
	refuse := func() {
		panicked := capture.Error(function + ": the sequence yields on two goroutines at once")
		e.fail(panicked) // so that the other one goes on
		panic(panicked)
	}
	defer func() {
		if state.Swap(over) == busy {
			refuse() // in has returned, and on another goroutine it has not
		}
	}()
	in(func(item T) (more bool) {
		if !state.CompareAndSwap(open, busy) {
			if state.Load() == busy {
				refuse()
			}
			return false
		}
		defer func() {
			if more {
				state.CompareAndSwap(busy, open) // unless in has returned meanwhile
			} else {
				state.Store(over) // take has said no, or panicked
			}
		}()
		return take(item)
	})
}
