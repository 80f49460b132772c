// Package testkit is what the tests of braid's packages share: a leak check for
// every TestMain, and the hostile cases that every exported function which runs
// callbacks is put through.
package testkit

import (
	"bytes"
	"fmt"
	"os"
	"runtime/pprof"
	"testing"

	"go.uber.org/goleak"
)

// Main is the TestMain of every package: it runs the tests and fails if a
// goroutine is left over. goleak waits a moment for those that are just ending
// and then finds any that is still there. The runtime's own leak profile, where
// the toolchain has it (Go 1.26 with GOEXPERIMENT=goroutineleakprofile, Go 1.27),
// finds those that nothing can ever wake, among them some that goleak is told to
// ignore.
func Main(m *testing.M) {
	code := m.Run()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if report, n, _ := LeakProfile(); n > 0 {
		fmt.Fprintf(os.Stderr, "%d goroutines are blocked for ever:\n%s", n, report)
		code = 1
	}
	os.Exit(code)
}

// LeakProfile returns the goroutines that can never run again, and how many
// there are. ok is false if this toolchain has no such profile.
func LeakProfile() (report string, n int, ok bool) {
	profile := pprof.Lookup("goroutineleak")
	if profile == nil {
		return "", 0, false
	}
	var text bytes.Buffer
	if err := profile.WriteTo(&text, 1); err != nil { // looks for leaks; Count alone does not
		return err.Error(), 0, false
	}
	return text.String(), profile.Count(), true
}
