// Package twin asks several servers, and takes the answer that comes first.
package twin

import (
	"context"

	"github.com/braidgo/braid/fanout"
)

// First returns when all have ended: fanout.First cancels those that are late, and waits for them.
func First(ctx context.Context, servers []string, ask func(context.Context, string) string) string {
	answer, err := fanout.First(ctx, servers, func(ctx context.Context, server string) (string, error) {
		return ask(ctx, server), nil
	}, nil)
	if err != nil {
		return err.Error()
	}
	return answer
}
