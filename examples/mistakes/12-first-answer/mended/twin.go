// Package twin asks several servers, and takes the answer that comes first.
package twin

import "context"

// First has room for all answers: whoever comes late leaves its answer there and ends. And it
// tells them that they need not go on.
func First(ctx context.Context, servers []string, ask func(context.Context, string) string) string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan string, len(servers))
	for _, server := range servers {
		go func() { answers <- ask(ctx, server) }()
	}
	return <-answers
}
