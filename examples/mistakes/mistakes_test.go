package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/braidgo/braid/examples/mistakes/pairs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestShow(t *testing.T) {
	var page bytes.Buffer
	b := &pairs.Builder{Dir: here(t), Scratch: t.TempDir()}
	require.NoError(t, show(t.Context(), &page, pairs.All[0], b))
	for _, part := range []string{
		"1. early-return: returns before",
		"---- 01-early-return/broken/twin.go",
		"go save(ctx, file)",
		"---- 01-early-return/broken/twin_test.go",
		"$ go test -tags=mistakes ./examples/mistakes/01-early-return/broken",
		"--- FAIL: TestSaveAll",
		"\nwrong result, says synctest: A go statement waits for nothing.",
		"---- 01-early-return/mended/twin.go",
		"PASS",
	} {
		_, rest, found := strings.Cut(page.String(), part)
		require.True(t, found, "%q is not in this, or not in its place:\n%s", part, page.String())
		page = *bytes.NewBufferString(rest)
	}
	require.NotContains(t, page.String(), "twin_test.go") // it is shown once

	surprising := pairs.All[0]
	surprising.Proofs = []pairs.Proof{{Verdict: pairs.Deadlock, Tool: pairs.Synctest}}
	require.ErrorContains(t, show(t.Context(), &page, surprising, b), "it does not say \"panic: deadlock: ")
}

func TestNamed(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, showNamed(t.Context(), &page, "lost-cause"))
	require.Contains(t, page.String(), "context.Cause(ctx)")
	require.EqualError(t, showNamed(t.Context(), &bytes.Buffer{}, "77"), `there is no pair "77"; go run ./examples/mistakes lists them`)
}

func TestList(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, list(&page))
	require.Regexp(t, "(?m)^8 +loop-variable +goroutines use a loop's variable, before Go 1.22 +go vet, the race detector$", page.String())
	require.Equal(t, len(pairs.All), strings.Count(page.String(), "\n"))
}

// This folder's README is the same list, for who reads and does not run.
func TestReadmeListsThePairs(t *testing.T) {
	var table strings.Builder
	table.WriteString("| | the mistake | who finds it |\n|---|---|---|\n")
	for _, p := range pairs.All {
		fmt.Fprintf(&table, "| %d | [%s](%s) | %s |\n", p.Number, p.Mistake, p.Folder(), p.Tools())
	}
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	require.Contains(t, string(readme), table.String())
}

// here is the folder of the pairs: tests run where their package is.
func here(t *testing.T) string {
	dir, err := os.Getwd()
	require.NoError(t, err)
	return dir
}
