package exercise

import "context"

type Flight struct{}

func (f *Flight) Do(ctx context.Context, key string, call func() (string, error)) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return call()
}
