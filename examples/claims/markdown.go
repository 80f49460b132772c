package main

import (
	"bytes"
	"fmt"
	"strings"
)

// markdown is the report for a repository or an issue.
func (r report) markdown() []byte {
	var out bytes.Buffer
	add := func(format string, arguments ...any) { fmt.Fprintf(&out, format+"\n", arguments...) }
	add("# What two documents say of Go, measured\n")
	add("%d claims: %s.", len(r.Rows), r.Counted())
	if r.Quick {
		add("\nThis was a run with `-quick`: smaller sizes, fewer rounds.")
	}
	add("\n| # | claim | document | verdict |\n|---|---|---|---|")
	for _, row := range r.Rows {
		add("| %d | %s | %s | **%s**. %s |", row.ID, cell(row.Text), row.Document, row.Verdict, cell(row.Because))
	}
	for _, row := range r.Rows {
		add("\n## %d. %s\n", row.ID, row.Text)
		add("**%s.** %s\n", row.Verdict, row.Because)
		add("Holds if: %s\n\nRepeat: `%s`", row.Rule, r.Command(row.ID))
		if row.Err != nil {
			add("\nThe experiment failed: %v", row.Err)
		}
		if row.Plot != nil {
			add("\n%s: %s", row.Plot.Title, row.Plot.Words)
		}
		if row.Table != nil {
			add("\n%s\n", row.Table.Caption)
			add("| %s |\n|%s", strings.Join(cells(row.Table.Head), " | "),
				strings.Repeat("---|", len(row.Table.Head)))
			for _, line := range row.Table.Rows {
				add("| %s |", strings.Join(cells(line), " | "))
			}
		}
		if len(row.Figures) > 0 {
			add("\n| figure | language | median | spread |\n|---|---|---|---|")
		}
		for _, f := range row.Figures {
			add("| %s | %s | %s | %s |", cell(f.Name), cell(f.Language), cell(f.Text()), cell(f.SpreadAndMore()))
		}
		for _, note := range row.Notes {
			add("\n- %s", note)
		}
	}
	add("\n## Said by the documents and not measurable here\n")
	for _, s := range unmeasured {
		add("- %s (%s) %s", s.Text, s.Document, s.Why)
	}
	add("\n## The machine\n")
	for _, facts := range [][]fact{r.Machine.Facts, r.Machine.Limits, r.Machine.Versions} {
		for _, f := range facts {
			add("- %s: %s", f.Name, f.Value)
		}
	}
	add("\n## The rules of measuring\n")
	for _, rule := range rules {
		add("- %s", rule)
	}
	add("\nThe documents: 000 is %s; 002 is %s.", documents["000"], documents["002"])
	return out.Bytes()
}

// cell is a text that fits a table's cell.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", "\\|")
}

func cells(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = cell(text)
	}
	return all
}
