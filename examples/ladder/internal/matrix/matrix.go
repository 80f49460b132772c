// Package matrix puts the rungs of a ladder through the same hostile cases and says what
// became of each: a table of cases by rungs, in which no cell can harm another.
package matrix

import (
	"bufio"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A Ladder is one pattern written several times, from the first idea to the library.
type Ladder struct {
	Name   string // also of its folder
	Unit   string // of its work, such as "task"
	Rungs  []Rung
	Source fs.FS // holds the file of every rung
}

// A Rung is one way to write the pattern.
type Rung struct {
	Name, File, Says string
	Benchmark        func(*testing.B) // reports what it adds to a trivial unit of work, as "ns/task"
}

// A Case is something hostile that happens to a rung, whose subject is of type S: a
// constructor, say. Run fails when the subject does something wrong. It runs in a
// testing/synctest bubble: time stands still while anybody can run, and moves on at once when
// nobody can. So an hour costs nothing, which of two events comes first is decided by the case
// and not by the machine, and a subject that hangs or leaves goroutines behind is found out
// at once.
type Case[S any] struct {
	Name, Asks string
	Run        func(*testing.T, S)
	Want       string // the verdict on each rung, in order: "wrong leak ok". ok is short for survived
}

// wanted returns the verdict that each rung is to get.
func (c Case[S]) wanted(t *testing.T, rungs int) []Verdict {
	words := strings.Fields(c.Want)
	require.Len(t, words, rungs, c.Want)
	var verdicts []Verdict
	for _, word := range words {
		if word == "ok" {
			word = string(Survived)
		}
		known := slices.ContainsFunc(Legend, func(l Meaning) bool { return string(l.Verdict) == word })
		require.True(t, known, "there is no verdict %q", word)
		verdicts = append(verdicts, Verdict(word))
	}
	return verdicts
}

// A Verdict is what became of one rung in one case.
type Verdict string

const (
	Survived    Verdict = "survived"
	WrongResult Verdict = "wrong"
	Deadlock    Verdict = "deadlock"
	Leak        Verdict = "leak"
	Race        Verdict = "race"
	Crash       Verdict = "crash"
)

// A Meaning explains a verdict.
type Meaning struct {
	Verdict
	Means string
}

// Legend explains all of them.
var Legend = []Meaning{
	{Survived, "the answer is right, and nothing is left over"},
	{WrongResult, "it returned, and did not keep what it promised"},
	{Deadlock, "everybody waits for somebody else, for ever"},
	{Leak, "it returned, and goroutines that nothing can wake stay behind"},
	{Race, "an unordered access to a variable; without the race detector it passes for survived"},
	{Crash, "a panic ended the program"},
}

// CodeLines counts the lines of a Go file below its imports, without comments and blanks.
func CodeLines(source fs.FS, file string) (int, error) {
	f, err := source.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines, imported := 0, false
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		line := strings.TrimSpace(scanner.Text())
		switch {
		case !imported:
			imported = line == ")" || strings.HasPrefix(line, `import "`)
		case line != "" && !strings.HasPrefix(line, "//"):
			lines++
		}
	}
	return lines, nil
}
