// Package twin looks for the first line that contains a word. It reads and looks at the same time.
package twin

import (
	"context"
	"slices"
	"strings"

	"github.com/braidgo/braid/pipeline"
)

// Find leaves the loop when it has found the line. The loop tells the goroutine that reads, and
// waits until it has ended.
func Find(ctx context.Context, lines []string, word string) string {
	read := pipeline.Map(pipeline.From(slices.Values(lines)), trim, pipeline.Workers(1))
	for line, err := range read.All(ctx) {
		if err != nil {
			return err.Error()
		}
		if strings.Contains(line, word) {
			return line
		}
	}
	return ""
}

// trim is what the goroutine does with a line.
func trim(_ context.Context, line string) (string, error) { return strings.TrimSpace(line), nil }
