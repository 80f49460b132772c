package pipeline

import (
	"errors"
	"fmt"
)

// StageError says which stage failed, and on which of its inputs.
type StageError struct {
	Stage string // its Name, or that of the function that made it: "Map", "Generate", "ForEach"
	Index int64  // which input of that stage, from 0; of a source: how many items it had yielded before; in Tee, which sink
	Err   error  // what the callback returned, braid.ErrGoexit, braid.ErrKey in MapByKey, or ErrBranch
}

// Error returns the message of Err, with the stage and the index before it.
func (e *StageError) Error() string { return fmt.Sprintf("%s: input %d: %v", e.Stage, e.Index, e.Err) }

// Unwrap returns Err.
func (e *StageError) Unwrap() error { return e.Err }

var (
	//lint:ignore ST1012 it reads as what it does: return 0, pipeline.SkipItem

	// SkipItem is what the function of a Map, FlatMap, MapByKey, ForEach or Reduce returns,
	// bare or wrapped, to drop an item: nothing goes on to the next stage, and it is no
	// failure.
	SkipItem = errors.New("pipeline: skip this item")

	// ErrBranch is the error of a branch of a Tee that is run a second time, or after
	// its sink has returned: what it carried is gone.
	ErrBranch = errors.New("pipeline: a branch of Tee can be run once, while Tee runs")

	// errDone is the cause of the contexts of those whose items nobody wants any more.
	errDone = errors.New("pipeline: no longer needed: the stream has ended")
)

// skips reports whether a stage has dropped its item.
func skips(err error) bool { return err == SkipItem || errors.Is(err, SkipItem) }
