package pipeline

import (
	"fmt"

	"github.com/braidgo/braid/internal/argument"
)

// Option changes how a stage runs. Options are given to [Map], [FlatMap], [MapByKey]
// and [ForEach].
type Option func(*options)

type options struct {
	workers   int // 0: on the goroutine of the stage after it
	unordered bool
	buffer    int // -1: not said
	name      string
	named     bool
}

// Where goroutines of the package's own meet, at most so many items wait.
const inBetween = 64

// Without Buffer, at most so many items wait before a stage that has workers, if it has
// no more workers than that; see capacity.
const mostAhead = 256

// mostCount catches slips of the pen, and keeps sums in range.
const mostCount = 1 << 24

// Workers has a stage run on up to n goroutines of its own. They are started when
// there is something to do for them, and each takes one item at a time. It panics if
// n < 1 or n > 1<<24.
//
// Besides the n items that they work on, a stage holds as many as [Buffer] says, which
// wait for a worker, or are done and wait to be taken.
//
// For a function that computes, n is runtime.GOMAXPROCS(0); for one that waits, as
// many as whatever it waits for will bear. To hand an item to a worker and its result on
// takes about 50 ns of processor time, and a fused call 3 ns: a function that takes no
// longer than that is done sooner without Workers.
func Workers(n int) Option {
	if n < 1 || n > mostCount {
		panic(fmt.Sprintf("pipeline.Workers: n is %d, want 1 to %d", n, mostCount))
	}
	return func(o *options) { o.workers = n }
}

// Unordered has a stage with workers pass results on as they are finished, instead of
// in the order of its inputs, so that a slow one delays no other. What fails then ends
// the run at once. A stage with Unordered and without Workers panics when it is made. For
// ForEach, which has no results, it changes nothing.
func Unordered() Option {
	return func(o *options) { o.unordered = true }
}

// Buffer sets how many items may wait before a stage. Of one with workers, those that are
// done and wait to be taken count as well. Without Buffer it is as many as the stage has
// workers, and more, up to 256, while items pass quickly: the number doubles when what is
// upstream has waited less than a millisecond for room, and is halved when that was more
// than ten. A stage without Workers goes on being fused to what is downstream, but what
// is upstream gets a goroutine of its own by Buffer. With Buffer(0) an item is handed over
// when the stage can begin it.
//
// It panics if n < 0 or n > 1<<24. The memory for so many items is taken when the stream
// is run. A long buffer evens out bursts; it makes nothing faster that is always slow.
func Buffer(n int) Option {
	if n < 0 || n > mostCount {
		panic(fmt.Sprintf("pipeline.Buffer: n is %d, want 0 to %d", n, mostCount))
	}
	return func(o *options) { o.buffer = n }
}

// Name names a stage in errors and reports. In profiles and goroutine dumps its
// workers carry it as the pprof label "pipeline", and in execution traces each call
// of its function is a region.
func Name(name string) Option {
	return func(o *options) { o.name, o.named = name, true }
}

// apply makes what a stage needs of its options.
func apply(function string, opts []Option) options {
	o := options{buffer: -1, name: function}
	for _, option := range opts {
		argument.NotNil("pipeline."+function, "an option", option == nil)
		option(&o)
	}
	if o.unordered && o.workers == 0 && function != "ForEach" {
		panic("pipeline." + function + ": Unordered without Workers")
	}
	return o
}

// ahead is how many items may wait before the stage: least, and up to most.
func (o *options) ahead() (least, most int) {
	if o.buffer < 0 {
		return o.workers, max(o.workers, mostAhead)
	}
	return o.buffer, o.buffer
}
