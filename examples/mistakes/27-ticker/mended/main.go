// Command mended ends its goroutines.
package main

import (
	"time"

	"github.com/braidgo/braid/examples/mistakes/leaks"
)

func main() {
	SendAll([]string{"a", "b"}, time.Millisecond, func(string) {})
	stop := Beat(time.Millisecond, func() {})
	stop()
	leaks.Report()
}
