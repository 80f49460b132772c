package exercise

import (
	"context"
	"sync"
)

type result struct {
	value string
	err   error
}

// Flight sends the result to each who waits, also to those who have left.
type Flight struct {
	mu      sync.Mutex
	waiting map[string][]chan result
}

func (f *Flight) Do(ctx context.Context, key string, call func() (string, error)) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	mine := make(chan result)
	f.mu.Lock()
	if f.waiting == nil {
		f.waiting = make(map[string][]chan result)
	}
	f.waiting[key] = append(f.waiting[key], mine)
	first := len(f.waiting[key]) == 1
	f.mu.Unlock()
	if first {
		go func() {
			value, err := call()
			f.mu.Lock()
			waiting := f.waiting[key]
			delete(f.waiting, key)
			f.mu.Unlock()
			for _, w := range waiting {
				go func() { w <- result{value, err} }()
			}
		}()
	}
	select {
	case r := <-mine:
		return r.value, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
