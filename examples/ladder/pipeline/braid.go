package pipeline

import (
	"context"
	"strconv"

	"github.com/braidgo/braid/pipeline"
)

// Braid leaves all of it to braid's pipeline. A stream is a description: nothing runs until the
// loop below asks for the first result, and when the loop is left, by whichever way, everything
// has ended. A stage without workers is a call in its neighbour's goroutine, so parsing costs no
// more than in the other rungs. The results wait for their turn in a ring, so an item costs
// neither a channel nor a goroutine. A failure stops the source at once, and what comes before
// it goes on; its error tells the stages apart by their names. A panic goes on in the caller, with
// the stack of where it began.
func Braid(ctx context.Context, workers int, source Source, slow Slow, collect Collect) error {
	lines := pipeline.FromSeq2(source)
	numbers := pipeline.Map(lines, func(_ context.Context, line string) (int, error) {
		return strconv.Atoi(line)
	}, pipeline.Name("parse"))
	results := pipeline.Map(numbers, slow,
		pipeline.Workers(workers), pipeline.Buffer(workers), pipeline.Name("slow"))
	for result, err := range results.All(ctx) {
		if err != nil {
			return err
		}
		if !collect(result) {
			break
		}
	}
	return nil
}
