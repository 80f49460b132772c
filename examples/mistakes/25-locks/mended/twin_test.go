//go:build mistakes

package main

import (
	"sync"
	"testing"
)

func TestWithdraw(t *testing.T) {
	account := &Account{balance: 10}
	if err := account.Withdraw(20); err != ErrFunds {
		t.Error(err)
	}
	if err := account.Withdraw(5); err != nil {
		t.Error(err)
	}
}

func TestTransfer(t *testing.T) {
	first, second := &Account{number: 1}, &Account{number: 2}
	var both, all sync.WaitGroup
	both.Add(2)
	fee := func() int { // takes until both ask for it
		both.Done()
		both.Wait()
		return 1
	}
	all.Go(func() { Transfer(first, second, 5, fee) })
	all.Go(func() { Transfer(second, first, 5, fee) })
	all.Wait()
}
