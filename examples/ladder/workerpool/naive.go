package workerpool

import (
	"context"
	"sync"
)

// Naive starts a goroutine for every task. Goroutines are cheap, so why have a pool?
//
// Because what a task holds is not cheap: a thousand tasks open a thousand files. Because
// all of them have started before the first one fails, so nothing is left to stop. And
// because failure is written by whoever fails: two at once are a data race, which nothing
// shows but the race detector.
type Naive struct{}

// NewNaive ignores how many workers it should have.
func NewNaive(int) Pool { return Naive{} }

func (Naive) Run(ctx context.Context, tasks []Task) error {
	var running sync.WaitGroup
	var failure error
	for _, task := range tasks {
		running.Go(func() {
			if err := task(ctx); err != nil {
				failure = err // no lock
			}
		})
	}
	running.Wait() // every task has ended: this much is right
	return failure
}

// Close has no goroutine to wait for, and does not know who is in Run.
func (Naive) Close() {}
