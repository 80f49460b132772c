// Package twin asks several servers, and takes the answer that comes first.
package twin

import "context"

// First returns, and nobody receives the other answers: whoever has one to send waits for ever.
func First(ctx context.Context, servers []string, ask func(context.Context, string) string) string {
	answers := make(chan string)
	for _, server := range servers {
		go func() { answers <- ask(ctx, server) }()
	}
	return <-answers
}
