package exercise

import (
	"context"
	"sync"
)

// A Flight knows which calls are running. Its zero value is ready to use.
type Flight struct {
	mu      sync.Mutex // not held while a call runs
	running map[string]*running
}

// running is a call. What it returns may be read when it has ended.
type running struct {
	ended chan struct{} // closed
	value string
	err   error
}

// Do returns what the running call for the key returns, or else call.
func (f *Flight) Do(ctx context.Context, key string, call func() (string, error)) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	r := f.join(key, call)
	<-r.ended
	return r.value, r.err
}

// join returns the call for the key, and starts it if there is none.
func (f *Flight) join(key string, call func() (string, error)) *running {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.running[key]; r != nil {
		return r
	}
	r := &running{ended: make(chan struct{})}
	if f.running == nil {
		f.running = make(map[string]*running)
	}
	f.running[key] = r
	go func() { // on a goroutine of its own, as whoever starts it may leave
		r.value, r.err = call()
		f.mu.Lock()
		delete(f.running, key) // before anybody knows that it has ended
		f.mu.Unlock()
		close(r.ended)
	}()
	return r
}
