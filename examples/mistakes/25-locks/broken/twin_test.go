//go:build mistakes

package twin

import (
	"errors"
	"sync"
	"testing"

	"github.com/braidgo/braid/examples/mistakes/leaks"
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
	leaks.Check(t, func() {
		go TestWithdraw(t)
		exchange()
	})
}

// exchange moves money from a to b and from b to a, at the same time. Each goes on from the middle
// when both are there.
func exchange() (done <-chan error) {
	a, b := &Account{balance: 3}, &Account{balance: 3}
	var middle sync.WaitGroup
	middle.Add(2)
	audit := func() {
		middle.Done()
		middle.Wait()
	}
	forth, back := make(chan error, 1), make(chan error, 1)
	go func() { forth <- Transfer(a, b, 1, audit) }()
	go func() { back <- Transfer(b, a, 1, audit) }()
	both := make(chan error, 1)
	go func() { both <- errors.Join(<-forth, <-back) }()
	return both
}
