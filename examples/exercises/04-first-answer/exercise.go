// Package exercise is the first answer of several who are asked.
//
// Write First. It asks all at the same time, and returns the first answer that is not an error. Who fails is no reason
// to give up while others may still answer. If all fail, it returns all their errors, joined with errors.Join, in the
// order of asks.
//
// With the first answer, the context of the others is cancelled; they are losers, and need some time to tidy
// up. First returns when all have ended, and not before. When ctx is cancelled, so are all, and without an answer the
// error is context.Cause(ctx).
package exercise

import "context"

// First returns the first answer.
func First(ctx context.Context, asks ...func(context.Context) (string, error)) (string, error) {
	panic("not written yet")
}
