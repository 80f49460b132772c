// Package matrix puts the rungs of a ladder through the same hostile cases and says what
// became of each: a table of cases by rungs, in which no cell can harm another.
package matrix

import (
	"bufio"
	"io/fs"
	"strings"
	"testing"
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
// testing/synctest bubble, so a subject that hangs or leaves goroutines behind is found out
// at once and needs no time limit.
type Case[S any] struct {
	Name, Asks string
	Run        func(*testing.T, S)
	Want       []Verdict // of each rung, in order
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

// Legend explains the verdicts.
var Legend = []struct {
	Verdict
	Means string
}{
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
