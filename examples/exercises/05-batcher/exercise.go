// Package exercise is a batcher by size and age.
//
// Write Batch. It starts one goroutine, and returns at once a channel of batches: slices of what it receives from in, in
// that order. A batch is sent when it has size values, or when its first value is as old as age; an empty one never.
// The age is counted from the first value, so that further ones do not put it off.
//
// When in is closed, what is there is sent, and the channel is closed. When ctx is cancelled, the channel is closed, and
// what is there is thrown away. A batch that was sent belongs to the receiver: it must not change any more.
package exercise

import (
	"context"
	"time"
)

// Batch sends what it receives, in batches.
func Batch(ctx context.Context, in <-chan int, size int, age time.Duration) <-chan []int {
	panic("not written yet")
}
