// Package twin looks for the first line that contains a word. It reads and looks at the same time.
package twin

import (
	"context"
	"strings"
)

// read sends the lines to whoever looks.
func read(lines []string) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		for _, line := range lines {
			out <- line
		}
	}()
	return out
}

// Find leaves the loop when it has found the line, and read has more of them to send.
func Find(_ context.Context, lines []string, word string) string {
	for line := range read(lines) {
		if strings.Contains(line, word) {
			return line
		}
	}
	return ""
}
