// Package twin looks for the first line that contains a word. It reads and looks at the same time.
package twin

import (
	"context"
	"strings"
)

// read sends the lines to whoever looks, until ctx says that nobody does any more.
func read(ctx context.Context, lines []string) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		for _, line := range lines {
			select {
			case out <- line:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// Find tells read when it leaves, whichever way it does.
func Find(ctx context.Context, lines []string, word string) string {
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	for line := range read(ctx, lines) {
		if strings.Contains(line, word) {
			return line
		}
	}
	return ""
}
