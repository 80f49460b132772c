package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
)

var errGoexit = errors.New("the call ended by runtime.Goexit")

// ByHand is as right as forty lines can be. It is where the article of the Go blog arrives:
// nobody waits for another stage without a way out, and whoever leaves first opens it. There it
// is a channel named done, here a context. The article takes the results as they come. What
// keeps the order here is a channel of channels: each item has a channel of its own, in which
// its result will be, and those of all items stand in a queue.
//
//	turns  [4][3][2][1] --> the caller has [0], and waits for its result
//	        |  |  |  |                 |
//	       the calls, which end in any order
//
// What it cannot survive: a panic in slow or in the source ends the program. A source that calls
// runtime.Goexit seems to have come to its end. And a failure is noticed when its turn has come:
// if an item before it is slow, more are started in vain meanwhile. To stop the source, and not
// the calls before the failure, takes a second context and more lines than forty.
func ByHand(ctx context.Context, workers int, source Source, slow Slow, collect Collect) error {
	// However this function ends, everybody is told to leave, and is waited for.
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer func() { cancel(); running.Wait() }()

	// An item holds its slot from before its call until its result has been received. So there
	// are never more in turns than slots, and a send to turns does not wait.
	slots, turns := make(chan struct{}, workers), make(chan chan result, workers)
	running.Go(func() {
		defer close(turns) // nobody else sends
		for number, err := range parse(source(ctx)) {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			turn := make(chan result, 1) // has room for it, whether or not somebody receives
			turns <- turn
			running.Go(func() {
				// With a free slot and a dead context, select picks either: look again. And
				// an error of the source has its turn like an error of slow.
				r := result{err: cmp.Or(err, ctx.Err())}
				defer func() { turn <- r }()
				if r.err == nil {
					r.err = errGoexit // and it stays so, if slow does not return
					r.value, r.err = slow(ctx, number)
				}
			})
		}
	})

	// No wait here needs ctx as a way out: when it is dead, the source and the calls end.
	position := 0
	for turn := range turns {
		r := <-turn
		<-slots // before collect, so that the next item is computed meanwhile
		if r.err != nil {
			return cmp.Or(context.Cause(ctx), fmt.Errorf("input %d: %w", position, r.err))
		}
		if !collect(r.value) {
			return nil
		}
		position++
	}
	return context.Cause(ctx) // the end of the source, or why it has ended early
}
