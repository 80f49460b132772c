package main

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// traffic is what came to a service, when, and how much of it was refused. A
// lesson whose ways differ in that has it drawn below the table.
type traffic struct {
	start time.Time

	mu       sync.Mutex
	requests []int // in each millisecond
	refused  int
}

func newTraffic() *traffic { return &traffic{start: time.Now()} }

func (t *traffic) record(admitted bool) {
	millisecond := int(time.Since(t.start) / time.Millisecond)
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.requests) <= millisecond {
		t.requests = append(t.requests, 0)
	}
	t.requests[millisecond]++
	if !admitted {
		t.refused++
	}
}

// renderTraffic draws what came in the last round, a mark for as many milliseconds
// as it takes for all to fit in the width. Without traffic it draws nothing.
//
//	requests in 10 ms                                            in all  refused
//	one per file      ▂▁▆█▆▆▅▄▃▂▂▁▁▁                             11,830   10,830
func renderTraffic(out io.Writer, attempts []attempt, width int) {
	attempts = slices.DeleteFunc(slices.Clone(attempts), func(a attempt) bool { return a.traffic == nil })
	longest := 0
	for _, a := range attempts {
		longest = max(longest, len(a.traffic.requests))
	}
	if longest == 0 {
		return
	}
	marks := max(width-labelWidth-gap-2*numberWidth, 10)
	each := (longest + marks - 1) / marks
	most := 0
	for _, a := range attempts {
		most = max(most, slices.Max(a.traffic.by(each)))
	}
	fmt.Fprintf(out, "\n%-*s%*s%*s\n", labelWidth+marks+gap, fmt.Sprintf("requests in %d ms", each), numberWidth, "in all", numberWidth, "refused")
	for _, a := range attempts {
		fmt.Fprintf(out, "%-*s%-*s%*s%*s\n", labelWidth, a.label, marks+gap, skyline(a.traffic.by(each), most),
			numberWidth, thousands(sum(a.traffic.requests)), numberWidth, thousands(a.traffic.refused))
	}
}

// by returns the requests in each so many milliseconds.
func (t *traffic) by(milliseconds int) (requests []int) {
	for some := range slices.Chunk(t.requests, milliseconds) {
		requests = append(requests, sum(some))
	}
	return requests
}

// skyline draws each value as a part of most, to the eighth of a cell. What is
// not nothing is never drawn as nothing.
func skyline(values []int, most int) string {
	const eighths = " ▁▂▃▄▅▆▇█"
	var line []rune
	for _, value := range values {
		line = append(line, []rune(eighths)[(8*value+most-1)/most])
	}
	return string(line)
}

func sum(values []int) (total int) {
	for _, value := range values {
		total += value
	}
	return total
}
