package blackbox

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"github.com/braidgo/braid/fanout"
)

// ends sends SIGTERM while clients write. The service ends with status 0, each request is answered
// as a whole or not at all, if only with 503 by then, and what it took is found by the next process.
func ends(c *client) {
	const clients, before = 8, 40
	answered := make(chan string) // paths of new books; closed when the clients have all been turned away
	var paths []string
	var ending atomic.Bool
	err := fanout.All(c.t.Context(), func(ctx context.Context) error {
		defer close(answered)
		_, err := fanout.Map(ctx, clients, make([]struct{}, clients), func(context.Context, struct{}) (struct{}, error) {
			for {
				a, err := c.try(http.MethodPost, "/books", asJSON, strings.NewReader(book()))
				switch {
				case err != nil && a.status != 0:
					return struct{}{}, fmt.Errorf("half an answer, %d %q: %w", a.status, a.body, err)
				case err != nil, a.status == http.StatusServiceUnavailable && ending.Load():
					return struct{}{}, nil // nobody takes another
				case a.status != http.StatusCreated:
					return struct{}{}, fmt.Errorf("status %d: %s", a.status, a.body)
				}
				answered <- a.header.Get("Location")
			}
		})
		return err
	}, func(context.Context) error {
		stopped := make(chan error, 1)
		for path := range answered {
			paths = append(paths, path)
			if len(paths) == before {
				ending.Store(true)
				go func() { stopped <- c.process.Stop() }() // received below
			}
		}
		if len(paths) < before {
			return fmt.Errorf("only %d requests were answered", len(paths))
		}
		return <-stopped
	})
	require.NoError(c.t, err)
	next := start(c.t, c.service, c.options)
	for _, path := range paths {
		require.Equal(c.t, http.StatusOK, next.get(path).status, path)
	}
	require.NoError(c.t, next.process.Stop(), "with connections that nobody uses")
}
