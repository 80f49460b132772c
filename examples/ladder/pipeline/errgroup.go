package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
)

var errEnough = errors.New("the collector wants no more")

// Errgroup has golang.org/x/sync start what byhand.go starts, count the calls, cancel, and wait.
// The queue of turns is the same, for the group knows nothing of order. The collector is a
// goroutine of the group, because only an error of such a one makes the others leave; so to have
// enough is an error, too.
//
// What it cannot survive: the first error is the first in time, not in the order of the lines.
// What was read before it and is not finished is cancelled with all the rest. To change that, no
// call may return its error to the group, and then the group does little more than a WaitGroup.
// A panic ends the program, also one of collect. And after runtime.Goexit in a call, the
// collector waits for its result for ever.
func Errgroup(ctx context.Context, workers int, source Source, slow Slow, collect Collect) error {
	group, groupCtx := errgroup.WithContext(ctx) // groupCtx dies with the first error
	group.SetLimit(workers + 2)                  // the calls, the source, the collector
	turns := make(chan chan int, workers)
	group.Go(func() error {
		defer close(turns)
		position := 0
		for number, err := range parse(source(groupCtx)) {
			if err != nil {
				return fmt.Errorf("input %d: %w", position, err)
			}
			turn, input := make(chan int, 1), position
			select {
			case turns <- turn:
			case <-groupCtx.Done():
				return nil
			}
			// Go waits for room whether or not the context is dead, and then starts the call
			// that waited. So the call looks at the context first.
			group.Go(func() error {
				if groupCtx.Err() != nil {
					return nil
				}
				value, err := slow(groupCtx, number)
				if err != nil {
					return fmt.Errorf("input %d: %w", input, err)
				}
				turn <- value
				return nil
			})
			position++
		}
		return nil
	})
	group.Go(func() error {
		for turn := range turns {
			select {
			case value := <-turn:
				if !collect(value) {
					return errEnough
				}
			case <-groupCtx.Done(): // a call that has failed leaves its turn empty
				return nil
			}
		}
		return nil
	})
	if err := group.Wait(); !errors.Is(err, errEnough) {
		return cmp.Or(context.Cause(ctx), err) // why, and not what a call has made of that
	}
	return nil
}
