package pipeline

import (
	"context"
	"iter"
	"strconv"
)

// A Source is where the lines come from. It obeys its context while it waits for the next
// one, as a connection does; what is there already it may hand over without looking. An error
// is the last that comes from it.
type Source func(ctx context.Context) iter.Seq2[string, error]

// Slow is the second stage. It obeys its context: when that is dead, nobody waits for what
// it would have found out.
type Slow func(ctx context.Context, number int) (int, error)

// Collect is the third stage. It is given one result after the other, and says whether it
// wants more.
type Collect func(result int) (more bool)

// A Pipeline parses the lines of source, calls slow for each number, at most so many at once
// as there are workers, and hands the results to collect, in the order of the lines. The
// stages work at the same time, and what one has finished the next can have at once. At most
// four lines for each worker have been read and are not collected yet: one in each stage, and
// one that waits.
//
// The first failure in the order of the lines is returned, when what comes before it has been
// collected; it has the position of its line before it: "input 7: ". From the moment it happens
// no more calls are started. Once ctx is dead none are started either, those that run are
// cancelled, and the cause is returned. When collect wants no more, the calls that run are
// cancelled, too, and that is no error. A panic is never lost. When Pipeline returns, no stage
// is running.
//
// Numbers and results are int to keep the rungs short.
type Pipeline func(ctx context.Context, workers int, source Source, slow Slow, collect Collect) error

// parse is the first stage. It is quick, so it needs no goroutine of its own: it is joined to
// the source, and runs wherever somebody ranges over it.
func parse(lines iter.Seq2[string, error]) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for line, err := range lines {
			number := 0
			if err == nil {
				number, err = strconv.Atoi(line)
			}
			if !yield(number, err) || err != nil {
				return
			}
		}
	}
}
