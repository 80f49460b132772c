package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// The table has a column of labels and three of bars with their numbers:
//
//	                wall time             peak goroutines       peak memory
//	one goroutine   ██████████   412 ms   ▏                 1   █          4.1 MB
const (
	labelWidth  = 18
	numberWidth = 9
	gap         = 2
)

// renderTable draws the attempts side by side, in at most width columns.
func renderTable(out io.Writer, attempts []attempt, width int) {
	bars := min(max((width-labelWidth-2*gap)/3-numberWidth, 6), 24)
	column := bars + numberWidth + gap
	line := fmt.Sprintf("%-*s%-*s%-*s%s", labelWidth, "", column, "wall time", column, "peak goroutines", "peak memory")
	fmt.Fprintln(out, line)

	var most figures
	for _, a := range attempts {
		most.wall = max(most.wall, a.wall)
		most.goroutines = max(most.goroutines, a.goroutines)
		most.memory = max(most.memory, a.memory)
	}
	for _, a := range attempts {
		fmt.Fprintf(out, "%-*s%s%*s", labelWidth, a.label, bar(a.wall, most.wall, bars), numberWidth, milliseconds(a.wall))
		fmt.Fprintf(out, "%*s%s%*s", gap, "", bar(a.goroutines, most.goroutines, bars), numberWidth, thousands(a.goroutines))
		fmt.Fprintf(out, "%*s%s%*s\n", gap, "", bar(a.memory, most.memory, bars), numberWidth, megabytes(a.memory))
	}
}

// bar draws value as a part of most in width cells, to the eighth of a cell.
// What is not nothing is never drawn as nothing.
func bar[N int | int64 | time.Duration](value, most N, width int) string {
	const eighths = "▏▎▍▌▋▊▉"
	length := 0
	if value > 0 {
		length = max(1, int(float64(value)/float64(most)*float64(8*width)))
	}
	drawn := strings.Repeat("█", length/8)
	if rest := length % 8; rest > 0 {
		drawn += string([]rune(eighths)[rest-1])
	}
	return fmt.Sprintf("%-*s", width, drawn)
}

// renderResult says what the table does not show.
func renderResult(out io.Writer, l lesson, attempts []attempt, wrong error) {
	leftOver := 0
	for _, a := range attempts {
		leftOver += a.leftOver
	}
	fmt.Fprintln(out)
	if wrong == nil {
		fmt.Fprintf(out, "All three:             %s\n", attempts[0].answers[0])
	}
	fmt.Fprintf(out, "Goroutines left over:  %d\n", leftOver)
	renderSources(out, l)
	if wrong != nil {
		fmt.Fprintf(out, "FAILED\n%v\n", wrong)
	}
}

func renderSources(out io.Writer, l lesson) {
	fmt.Fprintf(out, "Where to read:         %s\n", strings.Join(l.sources(), "\n"+strings.Repeat(" ", 23)))
}

func milliseconds(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	}
	return thousands(d.Milliseconds()) + " ms"
}

func megabytes(n int64) string {
	if n < 100_000_000 {
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return thousands(n/1e6) + " MB"
}

// thousands writes n with a comma between the thousands.
func thousands[N int | int64](n N) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
