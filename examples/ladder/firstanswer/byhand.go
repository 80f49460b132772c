package firstanswer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// ByHand is as right as forty lines can be. The difficulty is the contexts: losers must be
// cancelled and the winner must not, nor afterwards, while its answer is read. So each replica
// has a context of its own; all of them hang on another, which is the race's; and the winner
// unhooks its own before it ends the race.
//
// What it cannot survive: a panic of a loser, when there is an answer already. The answer is
// returned, and nobody hears of the panic; to close the answer instead takes more lines than
// forty. And the last cancellations are on their way when it returns: AfterFunc has a goroutine
// for each, though it does not run for long.
func ByHand(ctx context.Context, replicas []string, ask Ask) (winner io.ReadCloser, _ error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	race, end := context.WithCancel(ctx)
	defer end() // lets go of the contexts of those who failed
	var decided atomic.Bool
	var asked sync.WaitGroup
	failures := make([]error, len(replicas)) // each writes its own
	for i, replica := range replicas {
		asked.Go(func() {
			own, cancel := context.WithCancel(ctx)
			unhook := context.AfterFunc(race, cancel)

			// Deferred functions run however ask ends. What is already there when it neither
			// returns nor panics is the error of runtime.Goexit.
			failures[i] = errors.New(replica + ": ended by runtime.Goexit")
			defer func() {
				if v := recover(); v != nil {
					failures[i] = fmt.Errorf("%s: panic: %v\n\n%s", replica, v, debug.Stack())
					decided.Store(true) // nobody wins any more
					end()
				}
			}()
			answer, err := ask(own, replica)
			switch failures[i] = err; {
			case err != nil:
				failures[i] = fmt.Errorf("%s: %w", replica, err)
			case unhook() && decided.CompareAndSwap(false, true): // unhooked first, or it is too late
				winner = answer // read after Wait
				end()
			default:
				cancel()
				answer.Close()
			}
		})
	}
	asked.Wait()
	if winner != nil {
		return winner, nil
	}
	return nil, errors.Join(append(failures, errNoAnswer, context.Cause(ctx))...) // without those that are nil
}
