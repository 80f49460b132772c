package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/braidgo/braid/examples"
	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// kinds are the columns. Each ladder has a rung of each, which may have another name.
var kinds = []struct{ name, means string }{
	{"naive", "the first idea"},
	{"leaking", "what people write first"},
	{"by hand", "the best that fits in forty lines"},
	{"x", "with a library of golang.org/x"},
	{"braid", "with this module"},
}

// A part of the matrix is one ladder, and what came out.
type part struct {
	ladder matrix.Ladder
	found  findings
	costs  []float64 // of each rung, in nanoseconds
}

// write prints the matrix, and below it what a reader needs to make sense of it. What each case
// asks is beside it if there is room for all of it in so many columns, and below the matrix if not.
func write(w io.Writer, parts []part, width int) error {
	var page strings.Builder
	beside := width >= widest(parts)
	header := []string{"hostile case"}
	for _, kind := range kinds {
		header = append(header, kind.name)
	}
	page.WriteString(tableLine(header, ""))
	for _, p := range parts {
		rows, err := p.rows(beside)
		if err != nil {
			return err
		}
		page.WriteString("\n" + rows)
	}
	textWidth := min(width, widestText)
	page.WriteString("\nThe columns\n")
	for _, kind := range kinds {
		page.WriteString(entry(fmt.Sprintf("  %-9s ", kind.name), kind.means, textWidth))
	}
	for _, p := range parts {
		fmt.Fprintf(&page, "\nThe rungs of %[1]s, each a file to read in examples/ladder/%[1]s\n", p.ladder.Name)
		for _, rung := range p.ladder.Rungs {
			page.WriteString(entry(fmt.Sprintf("  %-9s %-12s ", rung.Name, rung.File), rung.Says, textWidth))
		}
		if beside {
			continue
		}
		page.WriteString("What each case asks\n")
		for _, c := range p.found.cases {
			page.WriteString(entry(fmt.Sprintf("  %-34s ", c.name), c.asks, textWidth))
		}
	}
	page.WriteString("\nThe verdicts\n")
	for _, verdict := range matrix.Legend {
		page.WriteString(entry(fmt.Sprintf("  %-9s ", verdict.Verdict), verdict.Means, textWidth))
	}
	if reason := parts[0].found.noRace; reason != "" { // it is the same for all
		fmt.Fprintf(&page, "\nNo race could be found here, so \"survived\" may hide one:\n%s\n", reason)
	}
	_, err := io.WriteString(w, page.String())
	return err
}

// rows are the names of the rungs, the cases, and what each rung takes to read and to run.
func (p part) rows(beside bool) (string, error) {
	names := []string{p.ladder.Name}
	lines, nanoseconds := []string{"lines of code"}, []string{"ns added per " + p.ladder.Unit}
	for i, rung := range p.ladder.Rungs {
		count, err := matrix.CodeLines(p.ladder.Source, rung.File)
		if err != nil {
			return "", err
		}
		names = append(names, rung.Name)
		lines = append(lines, fmt.Sprint(count))
		nanoseconds = append(nanoseconds, fmt.Sprintf("%.0f", p.costs[i]))
	}
	var rows strings.Builder
	rows.WriteString(tableLine(names, ""))
	for _, c := range p.found.cases {
		row := []string{c.name}
		for _, rung := range p.ladder.Rungs {
			row = append(row, string(c.verdicts[rung.Name]))
		}
		remark := ""
		if beside {
			remark = c.asks
		}
		rows.WriteString(tableLine(row, remark))
	}
	return rows.String() + tableLine(lines, "") + tableLine(nanoseconds, ""), nil
}

const (
	caseWidth = 35
	rungWidth = 9 // with the space before it

	// widestText is how wide a paragraph may be, and still be read with ease.
	widestText = 96
)

// tableLine aligns the cells of a row.
func tableLine(cells []string, remark string) string {
	var line strings.Builder
	fmt.Fprintf(&line, "%-*s", caseWidth, cells[0])
	for _, cell := range cells[1:] {
		fmt.Fprintf(&line, " %-*s", rungWidth-1, cell)
	}
	return strings.TrimRight(line.String()+"  "+remark, " ") + "\n"
}

// widest is how many columns the matrix takes with what the cases ask beside it.
func widest(parts []part) int {
	longest := 0
	for _, p := range parts {
		for _, c := range p.found.cases {
			longest = max(longest, utf8.RuneCountInString(c.asks))
		}
	}
	return caseWidth + len(kinds)*rungWidth + len("  ") + longest
}

// entry puts a text behind its label, on as many lines as it takes.
func entry(label, text string, width int) string {
	indent := "\n" + strings.Repeat(" ", len(label))
	return label + strings.ReplaceAll(examples.Fold(text, width-len(label)), "\n", indent) + "\n"
}
