// Command broken counts, on a channel that it has not made.
package main

import "github.com/braidgo/braid/examples/mistakes/leaks"

func main() {
	go func() {
		for range Count(4) {
		}
	}()
	leaks.Report()
}
