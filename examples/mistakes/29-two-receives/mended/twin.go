// Package twin saves a file in two places at the same time.
package twin

import (
	"context"
	"errors"
)

type save func(context.Context) error

// Save starts both, and then waits for both.
func Save(ctx context.Context, disk, cloud save) error {
	onDisk, inCloud := start(ctx, disk), start(ctx, cloud)
	return errors.Join(<-onDisk, <-inCloud)
}

// start does not wait. The answer comes on the channel.
func start(ctx context.Context, f save) <-chan error {
	answer := make(chan error, 1) // the room lets the goroutine end, whether or not somebody receives
	go func() { answer <- f(ctx) }()
	return answer
}
