package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/braidgo/braid/examples/internal/view"
)

// look says what is going on: at each host, and behind all of them.
func (c *crawl) look() string {
	const mostShown = 12 // hosts
	var text strings.Builder
	fmt.Fprintf(&text, "  %-39s%8s%8s%8s%8s\n", "host", "queued", "at work", "done", "broken")
	for i, name := range slices.Sorted(maps.Keys(c.hosts)) {
		if i == mostShown {
			fmt.Fprintf(&text, "  and %d more\n", len(c.hosts)-mostShown)
			break
		}
		h := c.hosts[name]
		s := h.pool.Stats()
		fmt.Fprintf(&text, "  %-39.39s%8d%5d/%2d%8d%8d\n", name, s.Queued, s.Running, h.atOnce.Limit(), s.Completed, h.broken.Load())
	}
	return text.String() + "\n" + view.Stages(c.stages.Stages())
}
