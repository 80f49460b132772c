package fanout

import (
	"strings"
)

// Lines counts the lines of code of a source file: those that are neither blank nor comment. alone
// leaves out what only names the package and what is imported.
func Lines(source string) (all, alone int) {
	comment, imports := "", false
	for l := range strings.Lines(source) {
		l = strings.TrimSpace(l)
		switch {
		case comment != "": // in a docstring
			if strings.Contains(l, comment) {
				comment = ""
			}
			continue
		case strings.HasPrefix(l, `"""`):
			if strings.Count(l, `"""`) == 1 {
				comment = `"""`
			}
			continue
		case l == "" || strings.HasPrefix(l, "//") || strings.HasPrefix(l, "#"):
			continue
		}
		all++
		switch first, _, _ := strings.Cut(l, " "); {
		case imports:
			imports = l != ")"
		case l == "import (":
			imports = true
		case first != "package" && first != "import" && first != "from" && first != "use":
			alone++
		}
	}
	return all, alone
}

// Concepts returns what a comment of the file lists behind "Concepts:", up to the end of the
// paragraph.
func Concepts(source string) (concepts []string) {
	_, rest, found := strings.Cut(source, "Concepts:")
	if !found {
		return nil
	}
	var listed []string
	for l := range strings.Lines(rest) {
		l = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(l), `/!"`))
		if len(listed) > 0 && (l == "" || strings.HasPrefix(l, "func ")) {
			break
		}
		listed = append(listed, l)
	}
	for c := range strings.SplitSeq(strings.Join(listed, " "), ",") {
		if c = strings.TrimSpace(c); c != "" {
			concepts = append(concepts, c)
		}
	}
	return concepts
}
