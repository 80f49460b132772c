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

// guard calls a sequence and keeps what it may do wrong from doing harm. (A range
// statement checks for misuse, too, but not against a second goroutine.) What the
// sequence yields after take has said no, or after it has returned, is not taken.
// Yielding on two goroutines at once panics, in whichever comes second, and in the
// call.
func guard[T any](e *ending, function string, in iter.Seq[T], take func(T) bool) {
	const open, busy, over = 0, 1, 2
	var state atomic.Int32
	left := make(chan struct{}) // closed by a yield that was inside when in returned
	refuse := func() error {
		panicked := capture.Error(function + ": the sequence yields on two goroutines at once")
		e.fail(panicked) // so that whoever is inside comes out
		return panicked
	}
	defer func() {
		if state.Swap(over) == busy { // by another goroutine
			panicked := refuse()
			<-left
			panic(panicked)
		}
	}()
	in(func(item T) (more bool) {
		if !state.CompareAndSwap(open, busy) {
			if state.Load() != over {
				panic(refuse())
			}
			return false
		}
		returned := false
		defer func() {
			if recovered := recover(); !returned {
				end := capture.Error(recovered)
				e.fail(end) // before in can swallow it
				if recovered != nil {
					defer panic(end)
				}
			}
			next := int32(over)
			if more {
				next = open
			}
			if !state.CompareAndSwap(busy, next) {
				close(left)
			}
		}()
		more = take(item)
		returned = true
		return more
	})
}
