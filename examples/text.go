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

// Fold breaks the lines of a paragraph. A word that is wider than that has a line of its own.
func Fold(paragraph string, width int) string {
	var folded strings.Builder
	column := 0
	for word := range strings.FieldsSeq(paragraph) {
		switch {
		case column == 0:
		case column+1+len(word) > width:
			folded.WriteString("\n")
			column = 0
		default:
			folded.WriteString(" ")
			column++
		}
		folded.WriteString(word)
		column += len(word)
	}
	return folded.String()
}
