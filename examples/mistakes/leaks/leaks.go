// Package leaks asks the leak profile, for the twins whose mistake leaves goroutines behind.
package leaks

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

// Report is the last call of a program. When each other goroutine has ended, or waits for
// something that nobody can do any more, it prints those that wait, and if there are any it
// ends the program with status 1.
func Report() {
	profile := pprof.Lookup("goroutineleak")
	if profile == nil {
		fmt.Println("there is no leak profile; before Go 1.27 it has to be asked for: GOEXPERIMENT=goroutineleakprofile")
		os.Exit(2)
	}
	for {
		profile.WriteTo(io.Discard, 0) // this looks for them; Count does not
		leaked := profile.Count()
		if others := runtime.NumGoroutine() - 1; leaked == others {
			break
		}
		time.Sleep(time.Millisecond) // the others have something to do
	}
	if profile.Count() > 0 {
		profile.WriteTo(os.Stdout, 1)
		os.Exit(1)
	}
}
