// Package twin asks several mirrors for a file, and takes what comes first.
package twin

import "context"

// Fetch cancels however it ends: the defer stands right below.
func Fetch(ctx context.Context, mirrors []string, get func(context.Context, string) string) string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	files := make(chan string, len(mirrors)) // room for all: nobody waits to send
	for _, mirror := range mirrors {
		go func() { files <- get(ctx, mirror) }()
	}
	return <-files
}
