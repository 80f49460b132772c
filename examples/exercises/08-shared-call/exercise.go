// Package exercise is a call that is shared by all who ask for the same at the same time.
//
// Write Do. If no call for the key is running, it starts one; in any case it waits for the one that runs, and returns what
// that returns, also an error. When the call has ended it is forgotten, so whoever comes later starts a new one. Calls for
// different keys do not wait for each other.
//
// If a caller's ctx is cancelled, that caller's Do returns context.Cause(ctx) at once. The call goes on for the others, even
// if it was this caller who started it. A dead context starts nothing.
package exercise

import "context"

// A Flight knows which calls are running. Its zero value is ready to use.
type Flight struct{}

// Do returns what the running call for the key returns, or else call.
func (f *Flight) Do(ctx context.Context, key string, call func() (string, error)) (string, error) {
	panic("not written yet")
}
