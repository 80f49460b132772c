//go:build mistakes

// Package twin asks several mirrors for a file, and takes what comes first.
package twin

import "context"

// Fetch throws the function away by which it could tell the others that it has an answer: they
// go on as long as ctx does, which may be as long as the program.
func Fetch(ctx context.Context, mirrors []string, get func(context.Context, string) string) string {
	ctx, _ = context.WithCancel(ctx)
	files := make(chan string, len(mirrors)) // room for all: nobody waits to send
	for _, mirror := range mirrors {
		go func() { files <- get(ctx, mirror) }()
	}
	return <-files
}
