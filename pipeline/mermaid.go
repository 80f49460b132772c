package pipeline

import (
	"fmt"
	"strings"
)

// Mermaid draws the stages as a flowchart in the language of the same name, which
// GitHub and many editors show as a picture, with the counts of this moment. The
// bottleneck is marked: the stages whose goroutines are at work for the largest part of
// their time. Look there first; but what is not observed, the sink, may be slower still.
func (r *Report) Mermaid() string {
	stats := r.Stages()
	r.mu.Lock()
	defer r.mu.Unlock()
	stages := r.stages[:len(stats)]
	number := make(map[*node]int)
	var text strings.Builder
	text.WriteString("flowchart LR\n")
	for i, n := range stages {
		number[n] = i
		s := stats[i]
		fmt.Fprintf(&text, "    s%d[\"%s<br/>%s\"]\n", i, mermaidName(n), mermaidCounts(n, s))
		for _, input := range n.inputs {
			from, ok := number[input]
			switch {
			case !ok:
			case s.Waiting > 0:
				fmt.Fprintf(&text, "    s%d -- %d waiting --> s%d\n", from, s.Waiting, i)
			default:
				fmt.Fprintf(&text, "    s%d --> s%d\n", from, i)
			}
		}
	}
	for _, i := range bottleneck(stats) {
		fmt.Fprintf(&text, "    style s%d stroke:#c00,stroke-width:4px\n", i)
	}
	return text.String()
}

var mermaidEscapes = strings.NewReplacer(`"`, "#quot;", "<", "#lt;", ">", "#gt;", "#", "#35;", "\n", " ")

func mermaidName(n *node) string {
	name := mermaidEscapes.Replace(n.name)
	if n.workers > 1 {
		return fmt.Sprintf("%s ×%d", name, n.workers)
	}
	return name
}

func mermaidCounts(n *node, s StageStats) string {
	counts := fmt.Sprintf("%d out", s.Out)
	if len(n.inputs) > 0 {
		counts = fmt.Sprintf("%d in, %d out", s.In, s.Out)
	}
	if s.Failed > 0 {
		counts += fmt.Sprintf(", %d failed", s.Failed)
	}
	return fmt.Sprintf("%s<br/>%.0f %% busy", counts, 100*s.share())
}

// share is which part of its time a stage is at work.
func (s StageStats) share() float64 {
	if all := s.Busy + s.Blocked + s.Starved; all > 0 {
		return float64(s.Busy) / float64(all)
	}
	return 0
}

// bottleneck returns the stages that are at work for the largest part of their time.
// There are several if they share a goroutine.
func bottleneck(stats []StageStats) (stages []int) {
	largest := 0.0
	for i, s := range stats {
		switch share := s.share(); {
		case share > largest:
			largest, stages = share, []int{i}
		case share == largest && share > 0:
			stages = append(stages, i)
		}
	}
	return stages
}
