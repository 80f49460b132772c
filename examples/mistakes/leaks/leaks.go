// Package leaks asks the leak profile, for the twins whose mistake leaves goroutines behind.
package leaks

import (
	"bytes"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// Check calls f, and then waits until each goroutine that f has started has ended, or waits for
// something that nobody can do any more. If there are any of these, it prints them, and t fails.
// A service that runs has the same profile: with net/http/pprof, at /debug/pprof/goroutineleak.
func Check(t *testing.T, f func()) {
	profile := pprof.Lookup("goroutineleak")
	if profile == nil {
		t.Skip("Go 1.26 has the profile if it is built with GOEXPERIMENT=goroutineleakprofile")
	}
	before := runtime.NumGoroutine()
	f()
	for {
		var found bytes.Buffer
		if err := profile.WriteTo(&found, 1); err != nil { // this looks for them; Count does not
			t.Fatal(err)
		}
		leaked := profile.Count()
		if runtime.NumGoroutine() > before+leaked {
			time.Sleep(time.Millisecond) // others have still something to do, so look again
			continue
		}
		if leaked > 0 {
			t.Error(found.String())
		}
		return
	}
}
