package matrix

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// insideCell is set in the environment of a process that is there for one cell.
const insideCell = "LADDER_CELL"

// afterwards is how long time goes on in the bubble when the case is over and its context has
// ended: whoever still runs then and ends by itself is late, and not a leak. No case takes so
// long.
const afterwards = 24 * time.Hour

// Test puts every rung through every case and fails where the verdict is not the one that
// the case declares. subjects are what the cases run, one for each rung.
//
// Each cell has a process of its own, for a deadlock or a panic ends the process it happens
// in. That process is this test again, told to run the one subtest. What came out is
// reported as attributes of the subtests, which `go test -json` hands to whoever asks.
func Test[S any](t *testing.T, ladder Ladder, subjects []S, cases []Case[S]) {
	require.Len(t, subjects, len(ladder.Rungs))
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			want := c.wanted(t, len(ladder.Rungs))
			t.Attr("case", c.Name)
			t.Attr("asks", c.Asks)
			t.Parallel()
			for i, rung := range ladder.Rungs {
				require.NotContains(t, rung.Name, "/", "that would be a subtest's subtest")
				t.Run(rung.Name, func(t *testing.T) {
					if os.Getenv(insideCell) != "" {
						synctest.Test(t, func(t *testing.T) {
							t.Cleanup(func() { time.Sleep(afterwards) })
							c.Run(t, subjects[i])
						})
						return
					}
					t.Parallel()
					verdict, output := runCell(t)
					t.Attr("rung", rung.Name)
					t.Attr("verdict", string(verdict))
					require.Equal(t, observable(want[i]), verdict, "%s", output)
				})
			}
		})
	}
}

// observable returns the verdict that this build can come to: without the race detector
// nobody sees a race.
func observable(v Verdict) Verdict {
	if v == Race && !RaceDetector {
		return Survived
	}
	return v
}

// runCell runs the subtest t in a process of its own.
func runCell(t *testing.T) (verdict Verdict, output string) {
	var pattern []string
	for name := range strings.SplitSeq(t.Name(), "/") {
		pattern = append(pattern, "^"+regexp.QuoteMeta(name)+"$")
	}
	executable, err := os.Executable()
	require.NoError(t, err)
	cell := exec.CommandContext(context.WithoutCancel(t.Context()), executable,
		"-test.v", "-test.run="+strings.Join(pattern, "/"),
		fmt.Sprintf("-test.cpu=%d", runtime.GOMAXPROCS(0)), "-test.timeout=1m")
	// The race detector would wait a second at the end of each process with goroutines left.
	cell.Env = append(os.Environ(), insideCell+"=1", "GORACE=atexit_sleep_ms=0")
	text, err := cell.CombinedOutput()
	if err != nil && cell.ProcessState == nil {
		t.Fatal(err) // it did not even start
	}
	require.Contains(t, string(text), "=== RUN   "+t.Name()+"\n", "the process ran something else")
	return judge(string(text), cell.ProcessState.ExitCode()), string(text)
}

// judge tells a verdict from what a cell's process printed and how it ended. When several
// hold it takes the one that explains the others.
func judge(output string, exitCode int) Verdict {
	const passed, testFailed = 0, 1 // else the runtime ended the process
	switch {
	case exitCode == passed:
		return Survived
	case strings.Contains(output, "WARNING: DATA RACE"):
		return Race
	case strings.Contains(output, "deadlock: main bubble goroutine has exited but blocked goroutines remain"):
		return Leak
	case strings.Contains(output, "deadlock: all goroutines in bubble are blocked"),
		strings.Contains(output, "panic: test timed out"): // blocked where synctest cannot see it, on a mutex
		return Deadlock
	case exitCode == testFailed:
		return WrongResult
	default:
		return Crash
	}
}
