package fanout

import (
	"context"
	"errors"

	"github.com/braidgo/braid"
	"github.com/braidgo/braid/internal/capture"
)

// race is attempts at the same thing, some of which have to succeed. First, Quorum
// and Hedge are races that differ in who starts when. All of it happens on the
// caller's goroutine, but for the attempts themselves:
//
//	attempt 0 ──┐
//	attempt 1 ──┼──▶ outcomes ──▶ note: a success, a failure, or too late;
//	attempt 2 ──┘                       once decided, the others are cancelled
//
// The caller receives until it has as many outcomes as it has started attempts, so
// no attempt that ends waits for long, and none is left behind.
type race[R any] struct {
	ctx      context.Context
	need     int // so many have to succeed
	discard  func(R)
	outcomes chan outcome[R]
	attempts []attempt // those that were started
	running  int

	spare     int // so many more may fail
	decided   bool
	successes []R // at most need, in the order they came
	late      []R
	failures  []error // before it was decided
	cause     error   // why the caller's context ended, if an attempt ended after that
	panicked  *braid.PanicError
}

type attempt struct {
	cancel    context.CancelCauseFunc
	succeeded bool
}

// outcome is what became of an attempt.
type outcome[R any] struct {
	attempt int
	value   R
	err     error // what it returned,
	end     error // or how it ended without returning
}

// newRace is a race of most attempts, of which need have to succeed.
func newRace[R any](ctx context.Context, need, most int, discard func(R)) *race[R] {
	return &race[R]{ctx: ctx, need: need, discard: discard, spare: most - need, outcomes: make(chan outcome[R])}
}

// start starts the next attempt. Each has a context of its own, so that the losers
// can be cancelled and the winner left alone.
func (r *race[R]) start(f func(ctx context.Context, attempt int) (R, error)) {
	ctx, cancel := context.WithCancelCause(r.ctx)
	o := outcome[R]{attempt: len(r.attempts)}
	r.attempts = append(r.attempts, attempt{cancel: cancel})
	r.running++
	go capture.Run( // ends when f has, and the caller has received its outcome
		func() {
			if o.err = context.Cause(r.ctx); o.err == nil { // a dead context starts nothing
				o.value, o.err = f(ctx, o.attempt)
			}
		},
		func(end error) {
			o.end = end
			r.outcomes <- o
		})
}

// note takes in what became of an attempt.
func (r *race[R]) note(o outcome[R]) {
	r.running--
	if panicked, ok := o.end.(*braid.PanicError); ok {
		if r.panicked == nil {
			r.panicked = panicked
		}
		r.decide(false)
		return
	}
	if o.end != nil {
		o.err = o.end
	}
	switch {
	case o.err != nil:
		r.attempts[o.attempt].cancel(o.err)
		r.noteFailure(&IndexError{o.attempt, o.err})
	case r.decided:
		r.late = append(r.late, o.value)
	default:
		r.attempts[o.attempt].succeeded = true
		r.successes = append(r.successes, o.value)
		if len(r.successes) == r.need {
			r.decide(true)
		}
	}
}

func (r *race[R]) noteFailure(failure error) {
	if r.decided {
		return // it was cancelled, or nobody asks any more
	}
	if r.ctx.Err() != nil {
		r.cause = context.Cause(r.ctx) // and the failure is its consequence
	} else {
		r.failures = append(r.failures, failure)
	}
	if r.spare--; r.spare < 0 {
		r.decide(false)
	}
}

// decide cancels who is no longer needed.
func (r *race[R]) decide(won bool) {
	r.decided = true
	for _, a := range r.attempts {
		if !won || !a.succeeded {
			a.cancel(errDecided)
		}
	}
	if !won {
		r.late = append(r.late, r.successes...)
		r.successes = nil
	}
}

// result returns the successes, or all failures. All attempts have ended.
func (r *race[R]) result() ([]R, error) {
	if !r.decided { // the context's end has kept some from starting
		r.cause = context.Cause(r.ctx)
		r.decide(false)
	}
	capture.Run(func() { discardAll(r.late, r.discard) }, func(end error) {
		panicked, ok := end.(*braid.PanicError)
		if ok && r.panicked == nil {
			r.panicked = panicked
		}
		if end != nil { // what would have been returned is not
			defer r.raise() // of Goexit, before the goroutine ends
			late := r.successes
			r.decide(false)
			discardAll(late, r.discard)
		}
	})
	r.raise()
	switch {
	case r.successes != nil:
		return r.successes, nil
	case r.cause != nil && len(r.failures) == 0:
		return nil, r.cause
	}
	return nil, errors.Join(append([]error{r.cause}, r.failures...)...)
}

func (r *race[R]) raise() {
	if r.panicked != nil {
		capture.Raise(r.panicked)
	}
}

// discardAll gets through the list even if discard panics.
func discardAll[R any](late []R, discard func(R)) {
	if len(late) > 0 && discard != nil {
		defer discardAll(late[1:], discard)
		discard(late[0])
	}
}
