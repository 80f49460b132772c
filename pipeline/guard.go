package pipeline

import "github.com/braidgo/braid/internal/capture"

// guard stands before a yield function that other people's code calls, and keeps what
// that may do wrong from doing harm. What it yields after yield has said no, or after it
// has returned, goes nowhere. To yield on two goroutines at once panics, and so does
// it to yield on one, and return on another before yield has; or to recover the panic
// of a stage that yield has called, and go on as if nothing had happened.
type guard struct {
	mark     mark
	function string
	segment  *segment
}

const (
	open int32 = iota // yield may be called
	busy              // it runs
	shut              // it is to be called no more
)

// enter is called first thing in yield, and leave last, if enter has returned true.
func (g *guard) enter() bool {
	return g.mark.swap(open, busy) || g.late()
}

// late returns false, or panics. It is apart from enter so that that is inlined.
//
//go:noinline
func (g *guard) late() bool {
	if g.mark.is(shut) {
		return false
	}
	panic(g.refuse("yields on two goroutines at once, or has recovered a panic"))
}

func (g *guard) leave(more bool) {
	if more {
		g.mark.set(open)
	} else {
		g.mark.set(shut)
	}
}

// reopen is for code that is about to run, and close for code that has returned.
func (g *guard) reopen() { g.mark.set(open) }

func (g *guard) close() {
	if g.mark.is(busy) {
		panic(g.refuse("has returned while what it yields to runs on another goroutine, or has recovered a panic"))
	}
	g.mark.set(shut)
}

// refuse ends the run, so that whoever is inside yield comes out.
func (g *guard) refuse(what string) error {
	panicked := capture.Error(g.function + ": the sequence " + what)
	g.segment.run.abort(g.segment.run.captured(panicked))
	return panicked
}
