package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"strings"

	"github.com/braidgo/braid/examples"
	"github.com/braidgo/braid/examples/ladder/internal/matrix"
)

// findings are the verdicts on a ladder.
type findings struct {
	cases  []*caseFindings // in the order of the test
	noRace string          // why no race could be found, if so
}

type caseFindings struct {
	name, asks string
	verdicts   map[string]matrix.Verdict // by rung
}

// judge runs the ladder's test, twice: the race detector makes a million goroutines too
// heavy and everything slow, so it is there only to see what else cannot be seen. An error
// comes beside the findings where they are not what the ladder declares.
func judge(ladder matrix.Ladder) (findings, error) {
	cases, err := runTest(ladder)
	if err != nil {
		return findings{cases, "the test has failed without the race detector"}, err
	}
	if reason := examples.RaceDetectorMissing(context.Background()); reason != "" {
		return findings{cases, reason}, nil
	}
	raced, err := runTest(ladder, "-race")
	for i, c := range raced {
		for rung, verdict := range c.verdicts {
			if verdict == matrix.Race {
				cases[i].verdicts[rung] = verdict
			}
		}
	}
	return findings{cases: cases}, err
}

// runTest runs the test that checks the ladder and returns what it found out. The test fails
// where that is not what the ladder declares.
func runTest(ladder matrix.Ladder, flags ...string) ([]*caseFindings, error) {
	arguments := append([]string{"test", "-json", "-count=1", "-run=^TestLadder$"}, flags...)
	arguments = append(arguments, "github.com/braidgo/braid/examples/ladder/"+ladder.Name)
	command := exec.Command("go", arguments...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	events, runErr := command.Output()
	cases, said, err := readEvents(events)
	switch {
	case runErr != nil:
		err = fmt.Errorf("%s: %w\n%s%s", strings.Join(command.Args, " "), runErr, said, stderr.Bytes())
	case err == nil && len(cases) == 0:
		err = errors.New("its test reported no cases")
	}
	return cases, err
}

// event is one line of what `go test -json` prints: see go doc test2json.
type event struct{ Action, Test, Key, Value, Output string }

// readEvents collects the attributes that matrix.Test reports, and what tests say otherwise.
// Cells run in parallel, so an event belongs to the case that its test is a subtest of.
func readEvents(events []byte) (cases []*caseFindings, said string, err error) {
	var text strings.Builder
	byTest := map[string]*caseFindings{}
	rungs := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(events)); ; {
		var e event
		if err := decoder.Decode(&e); err == io.EOF {
			return cases, text.String(), nil
		} else if err != nil {
			return cases, text.String(), err
		}
		if progress := strings.HasPrefix(e.Output, "=== ") || strings.Contains(e.Output, "--- PASS"); !progress {
			text.WriteString(e.Output)
		}
		switch e.Key {
		case "case":
			byTest[e.Test] = &caseFindings{name: e.Value, verdicts: map[string]matrix.Verdict{}}
			cases = append(cases, byTest[e.Test])
		case "asks":
			byTest[e.Test].asks = e.Value
		case "rung":
			rungs[e.Test] = e.Value
		case "verdict":
			byTest[path.Dir(e.Test)].verdicts[rungs[e.Test]] = matrix.Verdict(e.Value)
		}
	}
}
