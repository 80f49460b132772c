package braid_test

import (
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a page shows is code that is compiled: each block of Go in a .md file is a region of a
// Go file, from "// region NAME" to "// endregion". Three dots stand for anything, and space
// and line ends do not count, as gofmt breaks a line that is short with dots and long without.
// A line of the region that ends in "// not shown" is there for the program to end.
func TestSnippetsAreRegionsOfGoFiles(t *testing.T) {
	snippets, regions := snippetsAndRegions(t, ".")
	require.NotEmpty(t, snippets)
	require.Empty(t, strings.Join(snippetFaults(snippets, regions), "\n"))
}

func TestSnippetCheckFindsOffenders(t *testing.T) {
	snippets, regions := snippetsAndRegions(t, "testdata/snippets")
	require.Equal(t, []string{
		"testdata/snippets/page.md:4: no region of a Go file is this code",
		"testdata/snippets/page.md:12: no region of a Go file is this code",
		"testdata/snippets/page.md:16: no region of a Go file is this code",
	}, snippetFaults(snippets, regions))
}

// snippet is a block of Go in a page; at is its file and line.
type snippet struct{ at, code string }

var (
	blocks     = regexp.MustCompile("(?ms)^[ \t]*```(?:go|golang)\\b[^\n]*\n(.*?)^[ \t]*```")
	notShown   = regexp.MustCompile(`(?m)^.*// not shown$`)
	regionMark = regexp.MustCompile(`(?ms)^[ \t]*// region [^\n]*\n(.*?)^[ \t]*// endregion`)
)

// snippetsAndRegions reads the pages and Go files below root, but for testdata, and for Go
// files that no build contains. That the others compile is go vet's to say.
func snippetsAndRegions(t *testing.T, root string) (snippets []snippet, regions []string) {
	builds := build.Default
	builds.BuildTags = append(builds.BuildTags, "mistakes")
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		page, code := filepath.Ext(name) == ".md", filepath.Ext(name) == ".go"
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if path != root && (name == "testdata" || strings.HasPrefix(name, ".")) {
				return fs.SkipDir
			}
			return nil
		case code:
			built, err := builds.MatchFile(filepath.Dir(path), name)
			if err != nil || !built {
				return err
			}
		case !page:
			return nil
		}
		contents, err := os.ReadFile(path)
		text := string(contents)
		if code {
			for _, region := range regionMark.FindAllStringSubmatch(text, -1) {
				regions = append(regions, notShown.ReplaceAllString(region[1], ""))
			}
			return err
		}
		for _, block := range blocks.FindAllStringSubmatchIndex(text, -1) {
			line := strings.Count(text[:block[2]], "\n") + 1
			snippets = append(snippets, snippet{fmt.Sprintf("%s:%d", filepath.ToSlash(path), line), text[block[2]:block[3]]})
		}
		return err
	}))
	return snippets, regions
}

func snippetFaults(snippets []snippet, regions []string) (faults []string) {
	for _, s := range snippets {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(flat(s.code)), `\.\.\.`, ".*")
		is := regexp.MustCompile("^" + pattern + "$")
		found := false
		for _, region := range regions {
			found = found || is.MatchString(flat(region))
		}
		if !found {
			faults = append(faults, s.at+": no region of a Go file is this code")
		}
	}
	return faults
}

func flat(code string) string { return strings.Join(strings.Fields(code), " ") }
