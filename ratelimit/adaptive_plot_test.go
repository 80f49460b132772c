package ratelimit

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata/adaptive.svg")

// The picture in the documentation is what the simulation draws today. To draw it anew:
//
//	go test ./ratelimit -run TestAdaptivePlot -update
func TestAdaptivePlot(t *testing.T) {
	const file = "testdata/adaptive.svg"
	drawn := plot()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(drawn), 0o644))
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("the picture was drawn on amd64; elsewhere floats are rounded otherwise, and the curves run otherwise in detail")
	}
	stored, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, string(stored) == drawn, "%s is out of date: go test ./ratelimit -run TestAdaptivePlot -update", file)
}

// panel is a run of a server whose workers the limit is to find.
type panel struct {
	title   string
	initial int
	length  time.Duration
	most    int // of the vertical axis
	setup   func(c *client)
	ticks   []time.Duration
}

var panels = []panel{
	{"from below", 10, 10 * time.Second, 120, func(c *client) { c.workers = 50 }, seconds(0, 2, 4, 6, 8, 10)},
	{"from above", 110, 10 * time.Second, 120, func(c *client) { c.workers = 50 }, seconds(0, 2, 4, 6, 8, 10)},
	{"the server loses half of its workers, and gets them back", 10, 30 * time.Second, 160, func(c *client) {
		c.workers = 100
		c.at(10*time.Second, func() { c.workers = 50 })
		c.at(20*time.Second, func() { c.workers = 100; c.serve() })
	}, seconds(0, 10, 20, 30)},
	{"an outage of ten minutes: calls take 20 times as long", 10, 15 * time.Minute, 120, func(c *client) {
		c.workers = 50
		quick := c.service
		c.at(2*time.Minute, func() { c.service = func() time.Duration { return 20 * quick() } })
		c.at(12*time.Minute, func() { c.service = quick })
	}, seconds(0, 120, 300, 600, 720, 900)},
}

func seconds(n ...int) (times []time.Duration) {
	for _, n := range n {
		times = append(times, time.Duration(n)*time.Second)
	}
	return times
}

const (
	plotWidth, plotHeight   = 400.0, 200.0 // of a panel's axes
	marginX, marginY        = 50.0, 50.0
	panelWidth, panelHeight = plotWidth + marginX + 30, plotHeight + 2*marginY
	points                  = 300
)

func plot() string {
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="sans-serif" font-size="13">
<style>
.paper { fill: #fff }
text { fill: #222 }
path { fill: none; stroke-width: 1.5 }
.axis { stroke: #ccc; stroke-width: 1 }
.limit { stroke: #0a58ca }
.workers { stroke: #c2410c; stroke-dasharray: 6 4 }
@media (prefers-color-scheme: dark) {
  .paper { fill: #111 }
  text { fill: #ddd }
  .axis { stroke: #444 }
  .limit { stroke: #6ea8fe }
  .workers { stroke: #fb923c }
}
</style>
<rect class="paper" width="100%%" height="100%%"/>
`, 2*panelWidth, 2*panelHeight+30)
	for i, p := range panels {
		fmt.Fprintf(&svg, "<g transform=\"translate(%g %g)\">\n", float64(i%2)*panelWidth+marginX, float64(i/2)*panelHeight+marginY)
		p.draw(&svg)
		svg.WriteString("</g>\n")
	}
	fmt.Fprintf(&svg, `<g transform="translate(%g %g)">
<path class="limit" d="M0 -4h40"/><text x="48">limit</text>
<path class="workers" d="M120 -4h40"/><text x="168">calls that the server can serve at once</text>
</g>
</svg>
`, marginX, 2*panelHeight+12)
	return svg.String()
}

func (p panel) draw(svg *strings.Builder) {
	x := func(at time.Duration) float64 { return plotWidth * float64(at) / float64(p.length) }
	y := func(calls int) float64 { return plotHeight * (1 - float64(calls)/float64(p.most)) }

	fmt.Fprintf(svg, "<text y=\"-14\" font-weight=\"bold\">%s</text>\n", p.title)
	for calls := 0; calls <= p.most; calls += p.most / 4 {
		fmt.Fprintf(svg, "<path class=\"axis\" d=\"M0 %.1fh%g\"/><text x=\"-8\" y=\"%.1f\" text-anchor=\"end\">%d</text>\n", y(calls), plotWidth, y(calls)+4, calls)
	}
	for _, at := range p.ticks {
		label := fmt.Sprintf("%d s", at/time.Second)
		if p.length >= 10*time.Minute {
			label = fmt.Sprintf("%d min", at/time.Minute)
		}
		fmt.Fprintf(svg, "<path class=\"axis\" d=\"M%.1f %gv5\"/><text x=\"%.1f\" y=\"%g\" text-anchor=\"middle\">%s</text>\n", x(at), plotHeight, x(at), plotHeight+20, label)
	}

	c := newSimulation(2).client(p.initial)
	c.service = c.exponential(20 * time.Millisecond)
	p.setup(c)
	c.closedLoop(200)
	var limit, workers strings.Builder
	for i := range points + 1 {
		c.runUntil(p.length * time.Duration(i) / points)
		command := map[bool]string{true: "M", false: "L"}[i == 0]
		fmt.Fprintf(&limit, "%s%.1f %.1f", command, x(c.now), y(min(c.capacity.known(), p.most)))
		fmt.Fprintf(&workers, "%s%.1f %.1f", command, x(c.now), y(c.workers))
	}
	fmt.Fprintf(svg, "<path class=\"workers\" d=\"%s\"/>\n<path class=\"limit\" d=\"%s\"/>\n", &workers, &limit)
}
