// Package twin saves a file in two places at the same time.
package twin

import (
	"context"
	"errors"
)

type save func(context.Context) error

// Save starts to save on the disk and in the cloud at once, or so it reads. Go evaluates
// arguments from left to right: it starts the first, waits for its answer, and only then
// starts the second.
func Save(ctx context.Context, disk, cloud save) error {
	return errors.Join(<-start(ctx, disk), <-start(ctx, cloud))
}

// start does not wait. The answer comes on the channel.
func start(ctx context.Context, f save) <-chan error {
	answer := make(chan error, 1) // the room lets the goroutine end, whether or not somebody receives
	go func() { answer <- f(ctx) }()
	return answer
}
