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

// Withdraw unlocks however it returns.
func (a *Account) Withdraw(amount int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.balance < amount {
		return ErrFunds
	}
	a.balance -= amount
	return nil
}

// Transfer locks the lower number first, whoever gives: no two can wait for each other. What it
// does not know, fee, it calls before it locks anything.
func Transfer(from, to *Account, amount int, fee func() int) {
	if from == to {
		return // nobody can lock the same account twice
	}
	amount -= fee()
	first, second := from, to
	if second.number < first.number {
		first, second = second, first
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}
