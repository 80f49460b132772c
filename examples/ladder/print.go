package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// width is that of a terminal as people have had it for ever.
const width = 80

// write prints the matrix, at most eighty columns wide, and below it what a reader needs
// to make sense of it.
func write(w io.Writer, ladder matrix.Ladder, found findings, costs []float64) error {
	var names, lines, nanoseconds []string
	for i, rung := range ladder.Rungs {
		count, err := matrix.CodeLines(ladder.Source, rung.File)
		if err != nil {
			return err
		}
		names = append(names, rung.Name)
		lines = append(lines, fmt.Sprint(count))
		nanoseconds = append(nanoseconds, fmt.Sprintf("%.0f", costs[i]))
	}
	table := [][]string{append([]string{"case"}, names...)}
	for _, c := range found.cases {
		row := []string{c.name}
		for _, name := range names {
			row = append(row, string(c.verdicts[name]))
		}
		table = append(table, row)
	}
	table = append(table, append([]string{"lines of code"}, lines...))
	table = append(table, append([]string{"ns added per " + ladder.Unit}, nanoseconds...))

	var page strings.Builder
	fmt.Fprintf(&page, "The ladder of %s\n\n", ladder.Name)
	for _, row := range table {
		page.WriteString(tableLine(row))
	}
	fmt.Fprintf(&page, "\nThe rungs, each a file to read in examples/ladder/%s\n", ladder.Name)
	for _, rung := range ladder.Rungs {
		page.WriteString(entry(fmt.Sprintf("  %-9s %-12s ", rung.Name, rung.File), rung.Says))
	}
	page.WriteString("\nWhat each case asks\n")
	for _, c := range found.cases {
		page.WriteString(entry(fmt.Sprintf("  %-34s ", c.name), c.asks))
	}
	page.WriteString("\nThe verdicts\n")
	for _, verdict := range matrix.Legend {
		page.WriteString(entry(fmt.Sprintf("  %-9s ", verdict.Verdict), verdict.Means))
	}
	if found.noRace != "" {
		fmt.Fprintf(&page, "\nNo race could be found here, so \"survived\" may hide one:\n%s\n", found.noRace)
	}
	_, err := io.WriteString(w, page.String())
	return err
}

// tableLine aligns the cells of a row.
func tableLine(cells []string) string {
	line := fmt.Sprintf("%-35s", cells[0])
	for _, cell := range cells[1:] {
		line += fmt.Sprintf(" %-8s", cell)
	}
	return strings.TrimRight(line, " ") + "\n"
}

// entry puts a text behind its label, on as many lines as it takes.
func entry(label, text string) string {
	lines := label
	column := len(label)
	for word := range strings.FieldsSeq(text) {
		if column+len(word) > width {
			lines = strings.TrimRight(lines, " ") + "\n" + strings.Repeat(" ", len(label))
			column = len(label)
		}
		lines += word + " "
		column += len(word) + 1
	}
	return strings.TrimRight(lines, " ") + "\n"
}
