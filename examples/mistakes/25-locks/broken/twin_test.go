//go:build mistakes

package twin

import (
	"bytes"
	"errors"
	"runtime/pprof"
	"testing"
	"time"
)

func TestWithdraw(t *testing.T) {
	a := &Account{balance: 3}
	if err := a.Withdraw(5); err == nil {
		t.Error("5 of 3")
	}
	if err := a.Withdraw(2); err != nil {
		t.Error(err)
	}
}

func TestTransfer(t *testing.T) {
	if err := <-exchange(); err != nil {
		t.Error(err)
	}
}

// Where no test waits, in a service say, a profile tells who waits for ever.
func TestLeakProfile(t *testing.T) {
	leaks := pprof.Lookup("goroutineleak")
	if leaks == nil {
		t.Skip("Go 1.26 has the profile if it is built with GOEXPERIMENT=goroutineleakprofile")
	}
	select {
	case <-exchange():
	case <-time.After(time.Second): // it would take a microsecond
	}
	var found bytes.Buffer
	if err := leaks.WriteTo(&found, 1); err != nil {
		t.Fatal(err)
	}
	if leaks.Count() > 0 {
		t.Error(found.String())
	}
}

// exchange moves money from a to b and from b to a, at the same time. Both meet in the middle, if
// both can be there.
func exchange() (done <-chan error) {
	a, b := &Account{balance: 3}, &Account{balance: 3}
	meet := make(chan struct{})
	audit := func() {
		select {
		case meet <- struct{}{}:
		case <-meet:
		case <-time.After(time.Second):
		}
	}
	forth, back := make(chan error, 1), make(chan error, 1)
	go func() { forth <- Transfer(a, b, 1, audit) }()
	go func() { back <- Transfer(b, a, 1, audit) }()
	both := make(chan error, 1)
	go func() { both <- errors.Join(<-forth, <-back) }()
	return both
}
