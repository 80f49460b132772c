package braid_test

import (
	"fmt"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who opens a package finds what it is for, a picture, what they would write without it, and in which
// order to read the files. The root is an overview, and has no files to speak of.
func TestEveryPackageIsIntroduced(t *testing.T) {
	var faults []string
	for _, p := range load(t, "./...") {
		if p.public() && p.Name != "braid" {
			faults = append(faults, introductionFaults(t, p.Name, p.Dir)...)
		}
	}
	require.Empty(t, strings.Join(faults, "\n"))
}

func TestIntroductionCheckFindsOffenders(t *testing.T) {
	require.Equal(t, []string{
		`offenders: the headings are ["The plain version" "Read these files in this order"]`,
		"offenders: no picture in The problem",
		"offenders: no Go code in The plain version",
		"offenders: missing.go is listed and does not exist",
		"offenders: twice.go is listed 2 times",
		"offenders: unlisted.go is listed 0 times",
	}, introductionFaults(t, "offenders", "testdata/docs"))
}

// The sections of a doc comment, in this order; others may be between the second and the last.
const (
	problem = "The problem"
	plain   = "The plain version"
	order   = "Read these files in this order"
)

// introductionFaults says what is wrong with the doc.go of the package in a directory.
func introductionFaults(t *testing.T, name, dir string) (faults []string) {
	fault := func(format string, arguments ...any) {
		faults = append(faults, name+": "+fmt.Sprintf(format, arguments...))
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "doc.go"), nil, parser.ParseComments)
	require.NoError(t, err)

	var headings []string
	code := make(map[string]string) // by heading
	section := ""
	for _, block := range new(comment.Parser).Parse(file.Doc.Text()).Content {
		switch block := block.(type) {
		case *comment.Heading:
			section = string(block.Text[0].(comment.Plain))
			headings = append(headings, section)
		case *comment.Code:
			code[section] += block.Text
		}
	}
	if n := len(headings); n < 3 || !slices.Equal(headings[:2], []string{problem, plain}) || headings[n-1] != order {
		fault("the headings are %q", headings)
	}
	if !strings.ContainsAny(code[problem], "▶▼") {
		fault("no picture in %s", problem)
	}
	if !isGo(code[plain]) {
		fault("no Go code in %s", plain)
	}

	listed := make(map[string]int)
	for _, file := range regexp.MustCompile(`\w+\.go\b`).FindAllString(code[order], -1) {
		if listed[file]++; listed[file] == 1 {
			if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
				fault("%s is listed and does not exist", file)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		file = filepath.Base(file)
		if n := listed[file]; n != 1 && file != "doc.go" && !strings.HasSuffix(file, "_test.go") {
			fault("%s is listed %d times", file, n)
		}
	}
	return faults
}

// isGo reports whether code is statements, or declarations.
func isGo(code string) bool {
	if strings.TrimSpace(code) == "" {
		return false
	}
	for _, format := range []string{"package p\n%s", "package p\nfunc f() {\n%s\n}"} {
		if _, err := parser.ParseFile(token.NewFileSet(), "", fmt.Sprintf(format, code), 0); err == nil {
			return true
		}
	}
	return false
}
