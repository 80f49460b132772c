package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/braidgo/braid/pipeline"
)

const barWidth = 14

// Stages is a table with a row for each stage. Of the time of its goroutines, it shows how
// much they were busy, blocked by the stage after them, and starved by the one before.
// The busiest is the bottleneck: only with it does the whole get faster. Stages that
// share a goroutine share its times, and are marked together.
func Stages(stages []pipeline.StageStats) string {
	most := 1
	for _, s := range stages {
		most = max(most, percent(s.Busy, s))
	}
	var text strings.Builder
	fmt.Fprintf(&text, "  %-8s%8s%8s%8s%8s%11s%11s\n", "stage", "in", "out", "waiting", "█ busy", "▒ blocked", "· starved")
	for _, s := range stages {
		busy, blocked, starved := percent(s.Busy, s), percent(s.Blocked, s), percent(s.Starved, s)
		mark := " "
		if busy == most {
			mark = "▶"
		}
		fmt.Fprintf(&text, "%s %-8s%8d%8d%8d%7d%%%10d%%%10d%% ", mark, s.Name, s.In, s.Out, s.Waiting, busy, blocked, starved)
		for cell := range barWidth {
			switch at := 100 * (2*cell + 1) / (2 * barWidth); {
			case at < busy:
				text.WriteRune('█')
			case at < busy+blocked:
				text.WriteRune('▒')
			case at < busy+blocked+starved:
				text.WriteRune('·')
			}
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// percent is how much a part is of what a stage's goroutines did in all.
func percent(part time.Duration, of pipeline.StageStats) int {
	return int(100*float64(part)/float64(max(of.Busy+of.Blocked+of.Starved, 1)) + 0.5)
}
