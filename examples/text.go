package examples

import (
	"fmt"
	"strings"
)

// InUnits is a number of bytes as people read it: "1.5 MB".
func InUnits(bytes int64) string {
	if bytes < 1000 {
		return fmt.Sprintf("%d B", bytes)
	}
	value, unit := float64(bytes)/1000, 0
	for ; value >= 999.95 && unit < len("kMGTPE")-1; unit++ {
		value /= 1000
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGTPE"[unit])
}

// FirstLines cuts a text after so many lines, and says how many more there are.
func FirstLines(text string, most int) string {
	lines := strings.SplitAfter(text, "\n")
	if rest := len(lines) - 1 - most; rest > 0 { // what follows the last newline is no line
		return strings.Join(lines[:most], "") + fmt.Sprintf("... and %d more lines\n", rest)
	}
	return text
}
