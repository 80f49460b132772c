package main

import (
	"errors"
	"sync"
)

var ErrFunds = errors.New("not enough money")

type Account struct {
	number  int
	mu      sync.Mutex // guards balance
	balance int
}

// Withdraw returns early, without unlocking. Whoever locks the account next waits for ever.
func (a *Account) Withdraw(amount int) error {
	a.mu.Lock()
	if a.balance < amount {
		return ErrFunds
	}
	a.balance -= amount
	a.mu.Unlock()
	return nil
}

// Transfer locks the one that gives, then the one that gets. Two transfers that cross each have
// what the other one waits for. That fee, which may be slow, is called in between makes it
// likely; it is possible without.
func Transfer(from, to *Account, amount int, fee func() int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	amount -= fee()
	to.mu.Lock()
	defer to.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}
