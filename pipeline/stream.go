package pipeline

import "github.com/braidgo/braid/internal/argument"

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

	// ring, unless nil, does the same with nothing of what is behind the last stage on
	// the last stage's own goroutine; see alone.
	ring func(p place, yield func(T) bool) error
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
	argument.NotNil(function, name, s.run == nil)
}

// apart is the stream for a stage that is fused to whatever is before it, and for a
// sink.
func (s Stream[T]) apart() Stream[T] {
	if s.ring != nil {
		s.run, s.ring = s.ring, nil
	}
	return s
}

// place is where a stage runs: on which goroutine, and who wants to know about it.
type place struct {
	*segment
	reports []*Report
}

// spot is a stage of a segment in one run: how far it has come.
type spot struct {
	stage  string
	id     int   // its place among the spots of the segment
	next   int64 // how many inputs it has begun
	meters meters
}
