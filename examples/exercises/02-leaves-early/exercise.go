// Package exercise is a pipeline of two stages, whose consumer leaves before the end.
//
// Write Count and Square. Each starts one goroutine and returns a channel at once. Count sends 1, 2, 3
// and so on, without an end. Square sends the square of each number that it receives; when in is closed, it
// closes its channel.
//
// Whoever receives from them may have seen enough at any time. It then cancels ctx, and receives nothing any
// more. Both goroutines must end then, and close their channels. Until then nothing may be lost, however long
// the consumer takes. And do not run ahead: the channels have no buffers.
package exercise

import "context"

// Count sends 1, 2, 3 and so on, until ctx is done.
func Count(ctx context.Context) <-chan int {
	panic("not written yet")
}

// Square sends the squares of what it receives, until in is closed or ctx is done.
func Square(ctx context.Context, in <-chan int) <-chan int {
	panic("not written yet")
}
