package pipeline

import "fmt"

// Stream is a description of a source and of stages behind it. To make one starts
// nothing and costs a few allocations; a sink runs it. A stream can be run again,
// and by several goroutines at once, if its source can be read again; each run has
// goroutines and state of its own. The zero Stream is not a stream: functions that get
// it panic.
type Stream[T any] struct {
	node *node

	// run runs the stream on the calling goroutine, and hands what comes out to
	// yield, until there is nothing more or yield returns false. It returns nil at
	// the end, or what has ended the stream before that. When yield has said no, what
	// it returns means nothing.
	run func(p place, yield func(T) bool) error

	// detached is there for a stage with one worker only. Whoever puts a queue behind the
	// stage calls run, on a goroutine of its own, which then is the worker; whoever would
	// run on on the same goroutine calls detached, which gives the worker another. See alone.
	detached func(p place, yield func(T) bool) error
}

// node is a stage, as a report shows it.
type node struct {
	name    string
	inputs  []*node // the stages whose items it gets
	workers int     // 0: it has no goroutines of its own
	branch  bool    // of a Tee
}

// check refuses a stream that no source has made.
func (s Stream[T]) check(function, name string) {
	if s.run == nil {
		panic(fmt.Sprintf("%s: %s is the zero Stream", function, name))
	}
}

// detach is the stream for a stage that is fused to whatever is before it, and for a
// sink.
func (s Stream[T]) detach() Stream[T] {
	if s.detached != nil {
		s.run, s.detached = s.detached, nil
	}
	return s
}
