package matrix

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// One rung for each verdict, which earns it in the plainest way.
func TestEveryVerdict(t *testing.T) {
	never := func() { <-make(chan struct{}) }
	earn := []struct {
		Verdict
		run func(*testing.T)
	}{
		{Survived, func(*testing.T) { go time.Sleep(time.Hour) }}, // late, and no leak
		{WrongResult, func(t *testing.T) { t.Error("wrong") }},
		{Deadlock, func(*testing.T) { never() }},
		{Leak, func(*testing.T) { go never() }},
		{Race, func(*testing.T) { race() }},
		{Crash, func(*testing.T) { panic("crash") }},
	}
	var ladder Ladder
	var subjects []func(*testing.T)
	var want []string
	for _, e := range earn {
		ladder.Rungs = append(ladder.Rungs, Rung{Name: string(e.Verdict)})
		subjects = append(subjects, e.run)
		want = append(want, string(e.Verdict))
	}
	Test(t, ladder, subjects, []Case[func(*testing.T)]{{
		Name: "a case", Run: func(t *testing.T, subject func(*testing.T)) { subject(t) },
		Want: strings.Join(want, " "),
	}})
}

// race writes a variable from two goroutines that nothing orders.
func race() {
	var shared int
	done := make(chan struct{}, 2)
	for i := range 2 {
		go func() {
			shared = i
			done <- struct{}{}
		}()
	}
	<-done
	<-done
	runtime.KeepAlive(shared)
}

func TestCodeLines(t *testing.T) {
	for imports, want := range map[string]int{`import "fmt"`: 3, "import (\n\t\"fmt\"\n)": 3} {
		source := fmt.Sprintf("// Package p is a test.\npackage p\n\n%s\n\n// F prints.\nfunc F() {\n\n\tfmt.Print() // here\n}\n", imports)
		lines, err := CodeLines(fstest.MapFS{"p.go": {Data: []byte(source)}}, "p.go")
		require.NoError(t, err)
		require.Equal(t, want, lines)
	}
}
