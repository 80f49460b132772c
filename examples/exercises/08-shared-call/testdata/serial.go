package exercise

import (
	"context"
	"sync"
)

// Flight keeps the lock while it calls, so all keys wait for each other.
type Flight struct{ mu sync.Mutex }

func (f *Flight) Do(ctx context.Context, key string, call func() (string, error)) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return call()
}
